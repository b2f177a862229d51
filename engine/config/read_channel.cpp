// read_channel: from the text of a channel.json to a ChannelConfig.
#include "engine/config/channel_config.h"
#include "engine/config/channel_fields.h"
#include "engine/config/revision_hash.h"
#include "engine/core/limits.h"

namespace causeway::config {

namespace {

/// The enumerator whose name was given; `names` are its words in the order of the enumerators.
template <class Enum>
Enum chosen(const Parsed& parsed, std::string_view field,
            std::initializer_list<std::pair<std::string_view, Enum>> names) {
  const auto given = parsed.text(field);
  for (const auto& [name, value] : names)
    if (name == given) return value;
  return names.begin()->second;  // a problem has been reported
}

Trouble trouble(const Parsed& parsed, std::string_view field) {
  return chosen<Trouble>(
      parsed, field,
      {{"hold_lane", Trouble::HoldLane}, {"park_and_continue", Trouble::ParkAndContinue}});
}

DestinationPolicy policy_of(const Parsed& parsed) {
  DestinationPolicy policy;
  policy.on_ambiguous = chosen<OnAmbiguous>(parsed, "on_ambiguous",
                                            {{"hold_lane", OnAmbiguous::HoldLane},
                                             {"retry", OnAmbiguous::Retry},
                                             {"park_and_continue", OnAmbiguous::ParkAndContinue}});
  policy.on_rejected = trouble(parsed, "on_rejected");
  const auto& give_up = parsed.object("give_up_after");
  policy.give_up = {static_cast<int>(give_up.integer("attempts")), give_up.duration("age_ms"),
                    trouble(give_up, "then")};
  const auto& retry = parsed.object("retry");
  policy.retry = {retry.duration("first_ms"), retry.duration("max_ms"),
                  static_cast<int>(retry.integer("jitter_percent"))};
  policy.in_flight_max = static_cast<int>(parsed.integer("in_flight_max"));
  policy.queue_max = parsed.integer("queue_max");
  policy.paused = parsed.boolean("paused");
  return policy;
}

ReplyPolicy reply_of(const Parsed& parsed) {
  return {
      .when = chosen<ReplyPolicy::When>(parsed, "when",
                                        {{"stored", ReplyPolicy::When::Stored},
                                         {"done", ReplyPolicy::When::Done},
                                         {"destination", ReplyPolicy::When::Destination}}),
      .destination = parsed.text("destination"),
      .timeout = parsed.duration("timeout_ms"),
      .on_timeout = chosen<Verdict::Code>(parsed, "on_timeout",
                                          {{"AE", Verdict::Code::Error},
                                           {"AR", Verdict::Code::Reject},
                                           {"AA", Verdict::Code::Accept}}),
  };
}

ValidateConfig validate_of(const Parsed& parsed) {
  using Level = ValidateConfig::Level;
  const auto level = [&](std::string_view field) {
    return chosen<Level>(parsed, field,
                         {{"warn", Level::Warn}, {"off", Level::Off}, {"reject", Level::Reject}});
  };
  return {
      .structure = level("structure"),
      .usage = level("usage"),
      .cardinality = level("repetition"),
      .length = level("length"),
      .type = level("type"),
      .table = level("table"),
      .conformance = level("conformance"),
      .profile = parsed.text("profile"),
      .version = parsed.text("version"),
      .reject_with = chosen<Verdict::Code>(
          parsed, "reject_with", {{"AE", Verdict::Code::Error}, {"AR", Verdict::Code::Reject}}),
  };
}

bool is_destination_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

class ChannelReader {
 public:
  ChannelReader(ChannelConfig& channel, const ConnectorFields& connectors,
                const EnvironmentValues* environment, Problems& problems,
                const PathCheck& check_path)
      : channel_(channel),
        connectors_(connectors),
        environment_(environment),
        problems_(problems),
        check_path_(check_path) {}

  void read_root(const Value& root) {
    const Parsed parsed = read(channel_fields(), root, problems_, "", environment_);
    if (!root.object()) return;
    if (parsed.given("source")) read_source(parsed.raw("source"));
    read_order(parsed);
    read_search(parsed);
    channel_.duplicates = chosen<Duplicates>(
        parsed, "duplicates",
        {{"off", Duplicates::Off}, {"mark", Duplicates::Mark}, {"suppress", Duplicates::Suppress}});
    channel_.queue_max = parsed.integer("queue_max");
    if (parsed.given("validate")) read_validate(root, parsed.object("validate"));
    if (parsed.given("character_set")) read_character_set(parsed.object("character_set"));
    if (parsed.given("stages")) read_stages(parsed.raw("stages"));
    if (parsed.given("destinations")) read_destinations(parsed.raw("destinations"));
    read_reply(root, parsed);
    read_retention(root, parsed);
  }

 private:
  /// The connector's fields after those that every end has; nullopt: reported.
  std::optional<Fields> fields_of(const Value& end, const Fields& own, bool source,
                                  const std::string& pointer) {
    const Value* type = end.find("type");
    if (!type || !type->string()) {
      // Other keys can't be judged without the type.
      if (!end.object())
        problems_.add(end, pointer, "expected an object");
      else
        problems_.add(type ? *type : end, pointer, "\"type\" is missing: the connector");
      return std::nullopt;
    }
    // A hop is not a connector: its source has no fields, since destinations name the channel.
    if (*type->string() == "channel") return source ? own : together(own, hop_fields());
    if (const Fields* fields = connectors_(*type->string(), source)) return together(own, *fields);
    auto types = connectors_.types(source);
    types.emplace_back("channel");
    problems_.add(*type, pointer_to(pointer, "type"),
                  std::string("there is no ") + (source ? "source" : "destination") + " of type " +
                      in_quotes(*type->string()) + did_you_mean(*type->string(), types));
    return std::nullopt;
  }

  void read_source(const Value& value) {
    const auto fields = fields_of(value, source_fields(), true, "/source");
    if (!fields) return;
    channel_.source.settings = read(*fields, value, problems_, "/source", environment_);
    channel_.source.type = channel_.source.settings.text("type");
    channel_.source.declaration = value;
  }

  void check_path(const std::string& path, const Value& at, const std::string& pointer) {
    if (!check_path_) return;
    if (const auto good = check_path_(path); !good)
      problems_.add(at, pointer, in_quotes(path) + ": " + good.error().text);
  }

  void read_order(const Parsed& parsed) {
    channel_.order_by = parsed.text("order_by");
    if (channel_.order_by != "channel" && channel_.order_by != "none")
      check_path(channel_.order_by, parsed.raw("order_by"), "/order_by");
  }

  void read_search(const Parsed& parsed) {
    channel_.search = parsed.text_list("search");
    const auto& paths = channel_.search;
    const Value& list = parsed.raw("search");
    if (paths.size() > search_paths_max)
      problems_.add(list, "/search",
                    "more than " + std::to_string(search_paths_max) + " search paths");
    for (std::size_t i = 0; i < paths.size() && i < search_paths_max; ++i) {
      const auto pointer = pointer_to("/search", i);
      check_path(paths[i], (*list.list())[i], pointer);
      if (std::find(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(i), paths[i]) !=
          paths.begin() + static_cast<std::ptrdiff_t>(i))
        problems_.add((*list.list())[i], pointer, in_quotes(paths[i]) + " is there twice");
    }
  }

  void read_validate(const Value& root, const Parsed& parsed) {
    channel_.validate = validate_of(parsed);
    const auto& profile = channel_.validate->profile;
    const auto in_profile = [&](const auto& file) { return file.first.starts_with(profile + "/"); };
    if (!profile.empty() &&
        std::none_of(channel_.scripts.begin(), channel_.scripts.end(), in_profile))
      problems_.add(parsed.raw("profile"), "/validate/profile",
                    "the channel's folder has no XML files in " + in_quotes(profile));
    const Value* reply = root.find("reply");
    const Value* when = reply ? reply->find("when") : nullptr;
    const bool at_once = !when || (when->string() && *when->string() == "stored");
    if (channel_.validate->rejects() && at_once)
      problems_.add(*root.find("validate"), "/validate",
                    "the level \"reject\" needs \"reply\": {\"when\": \"done\"} (or "
                    "\"destination\"): else the sender is answered before its message is checked");
  }

  void read_character_set(const Parsed& parsed) {
    channel_.character_set = CharacterSetConfig{parsed.text("from"), parsed.text("to"),
                                                parsed.text("on_loss") == "fail"};
  }

  void read_stages(const Value& value) {
    const auto* list = value.list();
    if (!list) return problems_.add(value, "/stages", "expected a list of stages");
    if (list->size() > stages_max)
      return problems_.add(value, "/stages", "more than " + std::to_string(stages_max) + " stages");
    for (std::size_t i = 0; i < list->size(); ++i) read_stage((*list)[i], pointer_to("/stages", i));
  }

  void read_stage(const Value& value, const std::string& pointer) {
    const Value* type = value.find("type");
    const bool enriches = type && type->string() && *type->string() == "enrich";
    const Parsed parsed =
        read(enriches ? enrich_fields() : stage_fields(), value, problems_, pointer, environment_);
    StageConfig stage;
    stage.type = parsed.text("type");
    if (enriches) stage.enrich = read_enrich(parsed, value, pointer);
    stage.script = {parsed.text("file"), parsed.duration("time_limit_ms"),
                    trouble(parsed, "on_error")};
    if (parsed.given("file") && !stage.script.file.empty() &&
        !channel_.scripts.contains(stage.script.file))
      report_missing_script(stage.script.file, parsed.raw("file"), pointer_to(pointer, "file"));
    channel_.stages.push_back(std::move(stage));
  }

  EnrichConfig read_enrich(const Parsed& parsed, const Value& value, const std::string& pointer) {
    using OnFailure = EnrichConfig::OnFailure;
    EnrichConfig enrich;
    enrich.name = parsed.text("name");
    if (parsed.given("name") && !is_destination_name(enrich.name))
      problems_.add(parsed.raw("name"), pointer_to(pointer, "name"),
                    "a name may have letters, digits, _ and -; at most 64");
    for (const auto& other : channel_.stages)
      if (other.enrich && other.enrich->name == enrich.name)
        problems_.add(parsed.raw("name"), pointer_to(pointer, "name"),
                      "another stage is called " + in_quotes(enrich.name) + " too");
    int kinds = 0;
    for (const auto& [name, kind] :
         {std::pair("table", EnrichConfig::Kind::Table),
          std::pair("http", EnrichConfig::Kind::Http), std::pair("sql", EnrichConfig::Kind::Sql)}) {
      if (!parsed.given(name)) continue;
      ++kinds;
      enrich.kind = kind;
      enrich.settings = parsed.object(name);
    }
    if (kinds != 1)
      problems_.add(value, pointer, "where it looks is missing: one of table, http and sql");
    enrich.timeout = Milliseconds(parsed.integer("timeout_ms"));
    enrich.tries = static_cast<int>(parsed.integer("tries"));
    enrich.on_failure = chosen<OnFailure>(
        parsed, "on_failure",
        {{"fail", OnFailure::Fail}, {"null", OnFailure::Null}, {"wait", OnFailure::Wait}});
    enrich.cache_age = parsed.object("cache").duration("age_ms");
    enrich.cache_entries = static_cast<std::size_t>(parsed.object("cache").integer("entries"));
    enrich.answer_bytes_max = static_cast<std::size_t>(parsed.integer("answer_bytes_max"));
    return enrich;
  }

  void report_missing_script(const std::string& file, const Value& at, std::string pointer) {
    std::vector<std::string> names;
    for (const auto& [name, text] : channel_.scripts)
      if (name.ends_with(".js")) names.push_back(name);
    problems_.add(
        at, std::move(pointer),
        "the channel's folder has no script " + in_quotes(file) + did_you_mean(file, names));
  }

  void read_destinations(const Value& value) {
    const auto* members = value.object();
    if (!members) return problems_.add(value, "/destinations", "expected an object");
    if (members->empty()) problems_.add(value, "/destinations", "at least one is needed");
    if (members->size() > limits::destinations_max)
      return problems_.add(
          value, "/destinations",
          "more than " + std::to_string(limits::destinations_max) + " destinations");
    for (const auto& [name, destination] : *members)
      read_destination(name, destination, pointer_to("/destinations", name));
  }

  void read_destination(const std::string& name, const Value& value, const std::string& pointer) {
    if (!is_destination_name(name))
      problems_.add(value, pointer,
                    "a destination's name may have letters, digits, _ and -; at most 64");
    const auto fields = fields_of(value, destination_fields(), false, pointer);
    if (!fields) return;
    DestinationConfig destination;
    destination.name = name;
    destination.settings = read(*fields, value, problems_, pointer, environment_);
    destination.type = destination.settings.text("type");
    destination.policy = policy_of(destination.settings);
    if (destination.policy.retry.first > destination.policy.retry.max)
      problems_.add(destination.settings.raw("retry"), pointer_to(pointer, "retry"),
                    "first_ms is more than max_ms");
    read_sending_times(destination, pointer);
    if (destination.type == "channel") destination.channel = destination.settings.text("channel");
    read_response(destination, pointer);
    destination.declaration = value;
    channel_.destinations.push_back(std::move(destination));
  }

  void read_sending_times(DestinationConfig& destination, const std::string& pointer) {
    const auto& settings = destination.settings;
    auto times =
        SendingTimes::parse(settings.text_list("sending_hours"), settings.text_list("maintenance"));
    if (!times) {
      const bool hours = !SendingTimes::parse(settings.text_list("sending_hours"), {});
      const auto* field = hours ? "sending_hours" : "maintenance";
      return problems_.add(settings.raw(field), pointer_to(pointer, field),
                           in_quotes(times.error().place) + " " + times.error().text);
    }
    destination.sends = std::move(*times);
    if (destination.type == "channel" && destination.sends.is_limited())
      problems_.add(settings.raw("sending_hours"), pointer,
                    "a hop takes no time: give sending_hours to the destinations of " +
                        in_quotes(settings.text("channel")));
  }

  void read_response(DestinationConfig& destination, const std::string& pointer) {
    destination.response = destination.settings.text("response");
    if (destination.response.empty()) return;
    const auto& at = destination.settings.raw("response");
    if (destination.type == "channel")
      problems_.add(at, pointer_to(pointer, "response"),
                    "a channel gives no answer that a script could look at");
    else if (!channel_.scripts.contains(destination.response))
      report_missing_script(destination.response, at, pointer_to(pointer, "response"));
  }

  void read_reply(const Value& root, const Parsed& parsed) {
    channel_.reply = reply_of(parsed.object("reply"));
    const Value* reply = root.find("reply");
    if (!reply) return;
    const auto& policy = channel_.reply;
    const bool from_destination = policy.when == ReplyPolicy::When::Destination;
    if (from_destination && policy.destination.empty())
      problems_.add(*reply, "/reply", "\"destination\" is missing: whose response it is");
    else if (!from_destination && !policy.destination.empty())
      problems_.add(*reply, "/reply/destination", "only with \"when\": \"destination\"");
    else if (from_destination && !names_destination(root, policy.destination))
      problems_.add(parsed.object("reply").raw("destination"), "/reply/destination",
                    "there is no destination " + in_quotes(policy.destination) +
                        did_you_mean(policy.destination, destination_names(root)));
  }

  static bool names_destination(const Value& root, const std::string& name) {
    const Value* destinations = root.find("destinations");
    return destinations && destinations->find(name);
  }

  static std::vector<std::string> destination_names(const Value& root) {
    std::vector<std::string> names;
    const Value* destinations = root.find("destinations");
    if (destinations && destinations->object())
      for (const auto& [name, destination] : *destinations->object()) names.push_back(name);
    return names;
  }

  void read_retention(const Value& root, const Parsed& parsed) {
    const auto& retention = parsed.object("retention");
    channel_.retention = {static_cast<int>(retention.integer("content_days")),
                          static_cast<int>(retention.integer("lineage_days"))};
    if (channel_.retention.content_days > channel_.retention.lineage_days)
      problems_.add(*root.find("retention"), "/retention",
                    "content can't be kept longer than its lineage");
  }

  ChannelConfig& channel_;
  const ConnectorFields& connectors_;
  const EnvironmentValues* environment_;
  Problems& problems_;
  const PathCheck& check_path_;
};

}  // namespace

bool ValidateConfig::rejects() const {
  for (auto level : {structure, usage, cardinality, length, type, table, conformance})
    if (level == Level::Reject) return true;
  return false;
}

std::vector<std::string> ConnectorFields::types(bool source) const {
  std::vector<std::string> found;
  for (const auto& name : names_)
    if (find_(name, source)) found.push_back(name);
  return found;
}

const DestinationConfig* ChannelConfig::find_destination(std::string_view name) const {
  for (const auto& destination : destinations)
    if (destination.name == name) return &destination;
  return nullptr;
}

ChannelConfig read_channel(std::string path, std::string_view text,
                           std::map<std::string, std::string> scripts,
                           const ConnectorFields& connectors, const EnvironmentValues* environment,
                           Problems& problems, const PathCheck& check_path) {
  ChannelConfig channel;
  channel.path = std::move(path);
  channel.scripts = std::move(scripts);
  channel.text = text;
  const auto root = parse_json(text, problems);
  if (!root) return channel;
  ChannelReader(channel, connectors, environment, problems, check_path).read_root(*root);
  channel.revision_hash = revision_hash(*root, channel.scripts);
  return channel;
}

}  // namespace causeway::config
