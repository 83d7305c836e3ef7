//! Four users who send any commands at all, compared with a plain model of the rules. After each
//! step, every client has received exactly what the rules state, its view is what the rules state,
//! and a fresh `SYN` agrees. Each user signs in with clients of all dialects. No client ever
//! receives a command, or a form of one, that its dialect lacks.

mod account;
mod groups;
mod numbers;
mod plain;
mod runner;
mod simultaneous;
mod steps;
mod talk;
mod view;

use self::runner::{Checked, Runner, plan};
use self::steps::{Nodes, SETUPS, Setup, Step, simultaneous_parts, step};
use crate::support::{Plan, World, crossed};
use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

/// This many cases from a fixed seed, so that a run repeats. `PROPTEST_CASES` and
/// `PROPTEST_RNG_SEED` in the environment make other runs.
fn config(cases: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(1863);
    }
    config
}

/// Runs a test on one new node or two.
fn on_nodes(setup: Setup, test: impl AsyncFnOnce(&mut Runner) -> Checked) -> Checked {
    let outcome = Rc::new(RefCell::new(Ok(())));
    let result = outcome.clone();
    let plan = |whole: &mut Plan| plan(whole, setup);
    let test = async move |worlds| {
        let mut runner = Runner::new(worlds, setup);
        *result.borrow_mut() = test(&mut runner).await;
    };
    match setup.nodes {
        Nodes::One => World::run_with(plan, |world| test(vec![world])),
        Nodes::TwoEach | Nodes::TwoByDialect => {
            World::run_two(plan, |worlds, _| test(worlds.into()));
        }
    }
    outcome.replace(Ok(()))
}

/// Runs the steps in order. At the end every client synchronises.
fn steps_one_by_one(setup: Setup, steps: &[Step]) -> Checked {
    on_nodes(setup, async |runner| {
        for step in steps {
            runner.step(step).await?;
        }
        runner.all_synchronise().await
    })
}

/// Checks this many cases, and shows the shortest one that fails.
fn check<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(&S::Value) -> Checked)
where
    S::Value: Debug,
{
    let mut runner = TestRunner::new(config(cases));
    let outcome = runner.run(strategy, |case| test(&case).map_err(TestCaseError::fail));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn each_client_receives_what_the_rules_state() {
    let case = (select(&SETUPS[..]), vec(step(), 1..60));
    check(60, &case, |(setup, steps)| steps_one_by_one(*setup, steps));
}

/// Everything that crosses between the nodes is serialised.
#[test]
fn two_nodes_with_two_users_each_agree_with_the_model() {
    let case = (select(&SETUPS[..]), vec(step(), 1..60));
    check(60, &case, |(setup, steps)| steps_one_by_one(setup.on(Nodes::TwoEach), steps));
}

#[test]
fn users_who_move_between_two_nodes_agree_with_the_model() {
    let case = (select(&SETUPS[..]), vec(step(), 1..60));
    check(60, &case, |(setup, steps)| steps_one_by_one(setup.on(Nodes::TwoByDialect), steps));
    // `cluster/` has the rest.
    let all = ["listed", "locate", "look", "name", "numbers", "presence", "replace", "ring"];
    if std::env::var_os("PROPTEST_CASES").is_none() {
        assert_eq!(all.map(|kind| crossed().contains(&kind)), [true; 8]);
    }
}

#[test]
fn a_long_run_agrees_with_the_model() {
    let config = config(60);
    let runs = config.cases.div_ceil(20);
    let mut runner = TestRunner::new(config);
    for number in 0..runs {
        let steps = vec(step(), 400).new_tree(&mut runner).unwrap().current();
        let setup = SETUPS[number as usize % SETUPS.len()];
        if let Err(difference) = steps_one_by_one(setup, &steps) {
            panic!("in run {number}: {difference}");
        }
    }
}

fn simultaneous_commands(cases: u32, nodes: Nodes) {
    let case = (select(&SETUPS[..]), vec(simultaneous_parts(), 1..12));
    check(cases, &case, |(setup, all)| {
        on_nodes(setup.on(nodes), async |runner| {
            for parts in all {
                runner.run_simultaneously(parts).await?;
            }
            Ok(())
        })
    });
}

#[test]
fn clients_agree_after_simultaneous_commands() {
    simultaneous_commands(40, Nodes::One);
}

#[test]
fn clients_of_two_nodes_agree_after_simultaneous_commands() {
    simultaneous_commands(30, Nodes::TwoEach);
    simultaneous_commands(30, Nodes::TwoByDialect);
}
