use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use crate::{config, logging};

/// `reload`: reads the configuration again.
pub(super) async fn run(loaded: &Loaded) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    super::print_answer(&client.ask(&Request::Reload).await?);
    Ok(())
}

/// Reads the configuration again, as SIGHUP does. An invalid configuration changes nothing.
pub(crate) fn serve(control: &Control) -> Result<Answer, CommandError> {
    let old = control.loaded.borrow().clone();
    let mut new = config::load(&control.options)?;
    if let (Some(file), None) = (&old.file, &new.file) {
        return Err(CommandError::Other(format!(
            "the configuration {} is gone; to use the built-in one, restart the server",
            file.display()
        )));
    }
    let need_restart = new.config.restore_fixed_keys(&old.config);
    control.node.change_settings(new.config.actor_settings(&control.listening)?);
    if let Some(pages) = &control.web {
        pages.web.change_settings(new.config.web_settings());
    }
    logging::set_level(new.config.log);
    new.key_warnings().iter().for_each(|warning| log::warn!("{warning}"));
    let new_file = new.file.clone();
    *control.loaded.borrow_mut() = new;
    let file = match &new_file {
        Some(file) => format!("the configuration {}", file.display()),
        None => "the built-in configuration".to_owned(),
    };
    let message = match need_restart.as_slice() {
        [] => format!("{file} was reloaded"),
        keys => format!("{file} was reloaded; restart the server to change {}", keys.join(", ")),
    };
    let ignored: Vec<String> = control.loaded.borrow().ignored_file_messages().collect();
    let message = [vec![message], ignored].concat().join("; ");
    log::info!("{message}");
    Ok(Answer::Words(message))
}
