#include "engine/formats/hl7v2/validate/profile.h"

#include <fstream>
#include <sstream>

#include "engine/formats/hl7v2/validate/profile_reader.h"

namespace causeway::hl7v2 {
namespace {

constexpr std::size_t files_max = 20;  // looked at beside a profile

Result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return Error{ErrorKind::NotFound, path.string(), "can't be read"};
  if (size > profile_file_bytes_max)
    return Error{ErrorKind::Limit, path.string(), "too large for a profile"};
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return Error{ErrorKind::NotFound, path.string(), "can't be read"};
  return std::move(text).str();
}

template <class Map, class Key>
auto find_in(const Map& map, const Key& key) -> const typename Map::mapped_type* {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &at->second;
}

bool is_xml(const std::filesystem::path& path) {
  auto extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".xml";
}

}  // namespace

Result<std::shared_ptr<const Profile>> Profile::load(const std::filesystem::path& path) {
  std::error_code error;
  const bool is_folder = std::filesystem::is_directory(path, error);
  const auto folder = is_folder ? path : path.parent_path();
  std::vector<std::filesystem::path> files;
  if (!is_folder) files.push_back(path);
  for (std::filesystem::directory_iterator at(folder.empty() ? "." : folder, error), end;
       !error && at != end; at.increment(error))
    if (is_xml(at->path()) && (is_folder || at->path().filename() != path.filename()))
      files.push_back(at->path());
  if (files.size() > files_max)
    return Error{ErrorKind::Limit, folder.string(), "too many files beside the profile"};
  std::vector<std::string> texts;
  for (const auto& file : files) {
    auto text = read_file(file);
    if (!text) return text.error();
    texts.push_back(std::move(*text));
  }
  auto profile = parse(texts);
  if (!profile && profile.error().place.empty())
    return Error{profile.error().kind, path.string(), profile.error().text};
  return profile;
}

Result<std::shared_ptr<const Profile>> Profile::parse(const std::vector<std::string>& texts) {
  auto profile = std::shared_ptr<Profile>(new Profile);
  std::vector<XmlElement> rules;
  for (const auto& text : texts) {
    auto root = read_elements(text);
    if (!root) return root.error();
    if (root->name == "ConformanceProfile") {
      if (!profile->messages_.empty())
        return Error{ErrorKind::Invalid, "", "there are two profiles in one folder"};
      if (auto read = ProfileReader(*profile).read(*root); !read) return read.error();
    } else if (root->name == "ConformanceContext" || root->name == "ValueSetLibrary" ||
               root->name == "ValueSetBindingsContext") {
      rules.push_back(std::move(*root));
    }
  }
  if (profile->messages_.empty())
    return Error{ErrorKind::Invalid, "", "no <ConformanceProfile> with messages is there"};
  for (const auto& root : rules)
    if (auto read = RuleReader(*profile).read(root); !read) return read.error();
  auto& unjudged = profile->not_judged_;
  std::sort(unjudged.begin(), unjudged.end());
  unjudged.erase(std::unique(unjudged.begin(), unjudged.end()), unjudged.end());
  return std::shared_ptr<const Profile>(std::move(profile));
}

const ProfileMessage* Profile::message_for(std::string_view type, std::string_view event) const {
  for (const auto& message : messages_)
    if (message.type == type && message.event == event) return &message;
  return nullptr;
}

const RuleContext* Profile::for_data_type(std::string_view id) const {
  return find_in(data_type_rules_, id);
}

const RuleContext* Profile::for_segment(std::string_view id) const {
  return find_in(segment_rules_, id);
}

const RuleContext* Profile::for_group(std::string_view id) const {
  return find_in(group_rules_, id);
}

const ValueSet* Profile::value_set(std::string_view id) const {
  return not_validated_.contains(id) ? nullptr : find_in(value_sets_, id);
}

const VaryingType* Profile::varying_type(const SegmentDef& segment, int position) const {
  const auto* all = find_in(varying_, segment.id);
  if (!all) return nullptr;
  for (const auto& varying : *all)
    if (varying.position == position) return &varying;
  return nullptr;
}

}  // namespace causeway::hl7v2
