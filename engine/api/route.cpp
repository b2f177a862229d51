#include "engine/api/route.h"

#include "engine/api/json_text.h"
#include "engine/api/target.h"

namespace causeway::api {

using security::Permission;

std::string_view to_string(Method method) {
  static constexpr std::string_view names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  return names[static_cast<std::size_t>(method)];
}

std::vector<std::string> Request::scopes() const {
  return caller.scopes(route.access.permission());
}

bool Request::sees(std::string_view channel_path) const {
  return caller.may(route.access.permission(), channel_path);
}

Access open_to_all() {
  return {Access::Rule::Public, Permission::Own, nullptr};
}

Access filtered(Permission permission) {
  return {Access::Rule::Filtered, permission, nullptr};
}

Access in_channel(Permission permission, ChannelOf channel_of) {
  return {Access::Rule::InChannel, permission, std::move(channel_of)};
}

Access in_channel(Permission permission, std::string path_parameter) {
  return in_channel(permission, [name = std::move(path_parameter)](const Request& request) {
    return Result<std::string>(request.path.text(name));
  });
}

Access everywhere(Permission permission) {
  return {Access::Rule::Everywhere, permission, nullptr};
}

Answer nothing() {
  return {};
}

Answer object_of(config::Fields fields, int status) {
  return {Answer::Form::Object, status, std::move(fields), "application/json"};
}

Answer page_of(config::Fields fields) {
  return {Answer::Form::Page, 200, std::move(fields), "application/json"};
}

Answer bytes_of(std::string content_type) {
  return {Answer::Form::Other, 200, {}, std::move(content_type)};
}

bool Route::is_audited() const {
  const auto permission = access.permission();
  if (access.rule() == Access::Rule::Public) return false;
  return method != Method::Get || permission == Permission::BodiesRead ||
         permission == Permission::MessagesExport;
}

config::Fields with_page(config::Fields fields) {
  fields.push_back(
      config::integer("limit", "At most so many").between(1, page_rows_max).defaults_to(50));
  fields.push_back(config::text("after", "Where the page before ended, as its \"next\" says"));
  return fields;
}

Reply page_reply(const Request& request, const std::vector<std::string>& items,
                 std::string_view after) {
  JsonText json;
  json.begin_object().key("items").begin_list();
  for (const auto& item : items) json.raw(item);
  json.end_list();
  if (!after.empty()) json.member("next", with_parameter(request.http.target, "after", after));
  return json_reply(json.end_object().take());
}

}  // namespace causeway::api
