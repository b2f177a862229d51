// The commands of the `causeway` program: one file each. Each takes the words after its name,
// writes to standard output, explains errors on standard error, and returns the exit code (0 good,
// 1 the answer is no, 2 wrong use).
#pragma once

#include <string>
#include <vector>

namespace causeway {

using Words = std::vector<std::string>;

int command_serve(const Words& words);     ///< Supervises an engine and its PostgreSQL.
int command_engine(const Words& words);    ///< The engine itself; started by serve.
int command_send(const Words& words);      ///< An MLLP client.
int command_messages(const Words& words);  ///< find | show | export | import | watch
int command_queue(const Words& words);     ///< show | retry | skip | mark-delivered | discard
int command_replay(const Words& words);    ///< start | list | show | pause | resume | cancel
int command_errors(const Words& words);    ///< list | show
int command_hl7(const Words& words);       ///< validate | …
int command_user(const Words& words);      ///< Users and what they may do.
int command_token(const Words& words);     ///< API tokens.
int command_audit(const Words& words);     ///< find | export | verify
int command_deploy(const Words& words);    ///< Brings channel folders into a running engine.
int command_channels(const Words& words);  ///< Shows and changes what is deployed.
int command_check(const Words& words);     ///< Lints channel folders.
int command_alerts(const Words& words);    ///< What is wrong now, and who is told.
int command_backup(const Words& words);    ///< Backs the store up, or verifies a backup.
int command_restore(const Words& words);   ///< Restores one; releases what was restored.
int command_key(const Words& words);       ///< check | rotate | escrow | import
int command_new(const Words& words);       ///< Makes a channel from a template.
int command_test(const Words& words);      ///< Runs the tests of channels.
int command_compare(const Words& words);   ///< What a draft would change of stored messages.
int command_secret(const Words& words);    ///< set | list | remove
int command_doctor(const Words& words);    ///< Says what is wrong with an installation.

}  // namespace causeway
