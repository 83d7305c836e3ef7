//! The packages that cargo selects, and which of them are part of the program.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Node, Package, PackageId};
use std::collections::{BTreeMap, VecDeque};

pub(crate) struct Graph {
    metadata: Metadata,
    /// The packages that `msnpd` is built from, each with the one that needs it.
    needed_by: BTreeMap<PackageId, Option<PackageId>>,
}

impl Graph {
    /// Reads `Cargo.lock` as it is for these targets together.
    pub(crate) fn read(targets: &[String]) -> Self {
        let mut options = vec![String::from("--locked")];
        for target in targets {
            options.extend([String::from("--filter-platform"), target.clone()]);
        }
        let metadata = MetadataCommand::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .other_options(options)
            .exec()
            .unwrap();
        let needed_by = needed_by(&metadata);
        Self { metadata, needed_by }
    }

    pub(crate) fn root(&self) -> &Package {
        self.metadata.root_package().unwrap()
    }

    /// All packages, of tests and benches too.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Package> {
        nodes(&self.metadata).iter().map(|node| &self.metadata[&node.id])
    }

    /// The packages that the program is built from: normal and build dependencies.
    pub(crate) fn shipped(&self) -> Vec<&Package> {
        self.needed_by.keys().map(|id| &self.metadata[id]).collect()
    }

    /// The package with its version, and those that lead to it: `msnpd 0.1.0 > web 0.1.0 > gif 0.14.2`.
    pub(crate) fn path_to(&self, package: &Package) -> String {
        let mut path = format!("{} {}", package.name, package.version);
        let mut id = &package.id;
        while let Some(Some(parent)) = self.needed_by.get(id) {
            let package = &self.metadata[parent];
            path = format!("{} {} > {path}", package.name, package.version);
            id = parent;
        }
        path
    }
}

fn nodes(metadata: &Metadata) -> &[Node] {
    &metadata.resolve.as_ref().unwrap().nodes
}

fn needed_by(metadata: &Metadata) -> BTreeMap<PackageId, Option<PackageId>> {
    let nodes: BTreeMap<&PackageId, &Node> =
        nodes(metadata).iter().map(|node| (&node.id, node)).collect();
    let root = &metadata.root_package().unwrap().id;
    let mut needed_by = BTreeMap::from([(root.clone(), None)]);
    let mut queue = VecDeque::from([root]);
    while let Some(id) = queue.pop_front() {
        for dependency in &nodes[id].deps {
            let is_shipped = dependency
                .dep_kinds
                .iter()
                .any(|kind| matches!(kind.kind, DependencyKind::Normal | DependencyKind::Build));
            if is_shipped && !needed_by.contains_key(&dependency.pkg) {
                needed_by.insert(dependency.pkg.clone(), Some(id.clone()));
                queue.push_back(&dependency.pkg);
            }
        }
    }
    needed_by
}
