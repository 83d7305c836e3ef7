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
use self::steps::{SETUPS, Setup, Step, simultaneous_parts, step};
use crate::support::World;
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

/// Runs a test on a new node.
fn on_a_node(setup: Setup, test: impl AsyncFnOnce(&mut Runner) -> Checked) -> Checked {
    let outcome = Rc::new(RefCell::new(Ok(())));
    let result = outcome.clone();
    World::run_with(
        |whole| plan(whole, setup),
        |world| async move {
            let mut runner = Runner::new(world, setup);
            *result.borrow_mut() = test(&mut runner).await;
        },
    );
    outcome.replace(Ok(()))
}

/// Runs the steps in order. At the end every client synchronises.
fn steps_one_by_one(setup: Setup, steps: &[Step]) -> Checked {
    on_a_node(setup, async |runner| {
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

#[test]
fn clients_agree_after_simultaneous_commands() {
    let case = (select(&SETUPS[..]), vec(simultaneous_parts(), 1..12));
    check(40, &case, |(setup, all)| {
        on_a_node(*setup, async |runner| {
            for parts in all {
                runner.run_simultaneously(parts).await?;
            }
            Ok(())
        })
    });
}
