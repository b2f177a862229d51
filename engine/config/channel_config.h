// A channel as its folder declares it: channel.json and the scripts beside it, read and checked.
//
// A channel's name is the path of its folder below the channels' root: "lab/oru_in". Scripts are
// all *.js files of the folder (not of its tests/), code tables all *.csv files in its tables/;
// they are read into memory: nothing is opened by a name that stands in a config, and a symbolic
// link that leads out of the folder is a problem.
//
// This folder knows no connectors and no formats: the fields of a connector and the check of an HL7
// path are given by the caller. Plain values; immutable once read.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/fields.h"
#include "engine/config/policy.h"
#include "engine/config/sending_times.h"

namespace causeway::config {

inline constexpr std::size_t script_bytes_max = 1024 * 1024;        ///< One file.
inline constexpr std::size_t scripts_bytes_max = 16 * 1024 * 1024;  ///< Of one channel.
inline constexpr std::size_t scripts_max = 500;                     ///< Of one channel.
inline constexpr std::size_t stages_max = 50;
inline constexpr std::size_t search_paths_max = 16;
inline constexpr std::size_t channels_max = 10'000;
inline constexpr int channel_folder_depth_max = 8;

/// The fields of a connector's source or sink; nullptr: there is no such connector. `names` are
/// those of all connectors, for suggestions.
class ConnectorFields {
 public:
  template <class Find>
  ConnectorFields(Find find, std::vector<std::string> names = {})  // NOLINT: implicit by design
      : find_(std::move(find)), names_(std::move(names)) {}

  const Fields* operator()(std::string_view type, bool source) const { return find_(type, source); }
  std::vector<std::string> types(bool source) const;  ///< Those that have such an end.

 private:
  std::function<const Fields*(std::string_view type, bool source)> find_;
  std::vector<std::string> names_;
};
/// An error if the text is no path that a message can be read by ("PID-3.1").
using PathCheck = std::function<Status(std::string_view path)>;

struct SourceConfig {
  std::string type;
  Parsed settings;    ///< The connector's own fields.
  Value declaration;  ///< As it stands in the file: unchanged means that a socket can be kept.
};

struct ScriptStage {
  std::string file;  ///< A key of ChannelConfig::scripts.
  Milliseconds time_limit{2000};
  Trouble on_error = Trouble::HoldLane;
};

/// A look-up outside of the engine; its script gives the request.
struct EnrichConfig {
  enum class Kind : std::uint8_t { Table, Http, Sql };
  enum class OnFailure : std::uint8_t { Fail, Null, Wait };
  std::string name;
  Kind kind = Kind::Table;
  Parsed settings;  ///< The fields of its kind.
  Milliseconds timeout{5000};
  int tries = 2;
  OnFailure on_failure = OnFailure::Fail;
  Milliseconds cache_age{0};  ///< 0: none.
  std::size_t cache_entries = 0;
  std::size_t answer_bytes_max = 0;
};

struct StageConfig {
  std::string type;  ///< "filter", "transform", "split", "route" or "enrich".
  ScriptStage script;
  std::optional<EnrichConfig> enrich = {};  ///< With type "enrich".
};

/// How messages are checked before the first stage.
struct ValidateConfig {
  enum class Level : std::uint8_t { Off, Warn, Reject };
  Level structure = Level::Warn, usage = Level::Warn, cardinality = Level::Warn,
        length = Level::Warn, type = Level::Warn, table = Level::Warn, conformance = Level::Warn;
  std::string profile;  ///< A folder in the channel's; its *.xml are among the channel's files.
  std::string version;
  Verdict::Code reject_with = Verdict::Code::Error;
  bool rejects() const;
};

struct CharacterSetConfig {
  std::string from;  ///< Empty: as MSH-18 says.
  std::string to;
  bool fails_on_loss = false;
};

struct DestinationConfig {
  std::string name;
  std::string type;
  DestinationPolicy policy;
  SendingTimes sends;    ///< Outside of them its messages are kept.
  Parsed settings;       ///< The connector's own fields, among those of the policy.
  std::string channel;   ///< With type "channel": where the message hops to.
  std::string response;  ///< A key of ChannelConfig::scripts; empty: nothing looks at its answers.
  Value declaration;     ///< As it stands in the file.
};

struct ChannelConfig {
  std::string path;
  SourceConfig source;
  std::string order_by = "channel";  ///< "channel", "none", or a path of HL7 or DICOM.
  std::vector<std::string> search;   ///< Likewise.
  Duplicates duplicates = Duplicates::Mark;
  ReplyPolicy reply;
  std::optional<ValidateConfig> validate;
  std::optional<CharacterSetConfig> character_set;  ///< None: no conversion.
  std::vector<StageConfig> stages;
  std::vector<DestinationConfig> destinations;  ///< In the file's order.
  std::int64_t queue_max = 0;  ///< Waiting runs at which the source is held; 0: no limit.
  RetentionPolicy retention;

  /// "names.js" → its text; likewise "tables/sex.csv", and what it uses of the library of mappings
  /// ("lib:dates/age.js", see library.h); and the *.xml files of conformance profiles.
  std::map<std::string, std::string> scripts;
  std::string text;  ///< channel.json as it stands.
  /// SHA-256 (64 hexadecimal digits) of the declaration and the scripts: comments, white space and
  /// the environment's values don't count.
  std::string revision_hash;

  const DestinationConfig* find_destination(std::string_view name) const;
};

/// Up to `channel_folder_depth_max` names, parted by slashes.
bool is_channel_path(std::string_view path);

/// What a channel.json says, without its folder; `scripts` are the files that stages may name.
/// Usable only if no problem was added; `problems.file` is the file's name.
ChannelConfig read_channel(std::string path, std::string_view text,
                           std::map<std::string, std::string> scripts,
                           const ConnectorFields& connectors, const EnvironmentValues* environment,
                           Problems& problems, const PathCheck& check_path = {});

/// The paths of all channels below `root`, sorted: every folder with a channel.json.
std::vector<std::string> find_channels(const std::filesystem::path& root, Problems& problems);

/// One channel from `root/path`, with as much in it as could be read; whole if there was no
/// problem.
ChannelConfig read_channel_folder(const std::filesystem::path& root, const std::string& path,
                                  const ConnectorFields& connectors,
                                  const EnvironmentValues* environment, Problems& problems,
                                  const PathCheck& check_path = {});

/// One channel from `root/path`; nullopt if there was a problem.
std::optional<ChannelConfig> load_channel(const std::filesystem::path& root,
                                          const std::string& path,
                                          const ConnectorFields& connectors,
                                          const EnvironmentValues* environment, Problems& problems,
                                          const PathCheck& check_path = {});

/// False, and a problem: it hops to a channel that is not among `paths` (sorted).
bool check_hops(const ChannelConfig& channel, const std::vector<std::string>& paths,
                const std::filesystem::path& root, Problems& problems);

/// All channels below `root`, by path: every folder with a channel.json. Channels with problems are
/// left out; what only shows when all are seen (a hop to a channel that isn't there) is checked
/// too.
std::vector<ChannelConfig> load_channels(const std::filesystem::path& root,
                                         const ConnectorFields& connectors,
                                         const EnvironmentValues* environment, Problems& problems,
                                         const PathCheck& check_path = {});

}  // namespace causeway::config
