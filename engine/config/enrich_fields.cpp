// What a stage of type "enrich" can say.
#include "engine/config/channel_fields.h"

namespace causeway::config {

namespace {

Fields table_fields() {
  return {
      text("path", "A CSV file with a heading; read again when it has changed").required(),
  };
}

Fields http_fields() {
  return {
      text("url", "What requests begin with: \"https://mpi.example.org/fhir\"").required(),
      choice("method", "How it is asked", {"GET", "POST"}),
      text_list("headers", "Headers of each request: \"Accept: application/fhir+json\""),
      text("user", "For basic authentication"),
      text("password", "For basic authentication").secret(),
      text("bearer_token", "For bearer authentication").secret(),
      text("ca_file", "Whom certificates must come from; the system's authorities without it"),
      text("certificate_file", "Our own certificate, where the server wants one"),
      text("key_file", "Its key"),
  };
}

Fields sql_fields() {
  return {
      text("host", "Where PostgreSQL is; a folder: its Unix socket").required(),
      integer("port", "Its port").between(1, 65535).defaults_to(5432),
      text("database", "Its name").required(),
      text("user", "Who we are there").required(),
      text("password", "The user's").secret(),
      choice("tls", "Whether the server must show who it is, encrypted", {"verify", "off"}),
      text("ca_file", "Whom its certificate must come from; the system's authorities without it"),
      text("statement", "The query, with $1, $2, … for what the script gives").required(),
      integer("rows_max", "An answer with more rows has failed")
          .between(1, 10'000)
          .defaults_to(100),
  };
}

Fields own_fields() {
  return {
      text("name", "What scripts call the answer: ctx.enriched(\"NAME\")").required(),
      object("table", "Look up a row of a file", table_fields()),
      object("http", "Ask a server", http_fields()),
      object("sql", "Ask a PostgreSQL database", sql_fields()),
      integer("timeout_ms", "A try that takes longer has failed")
          .between(1, 60'000)
          .defaults_to(5000),
      integer("tries", "Tries of one look-up").between(1, 10).defaults_to(2),
      choice("on_failure",
             "When all have failed: fail the run, go on with null, or wait and run it again until "
             "there is an answer",
             {"fail", "null", "wait"}),
      object("cache", "Answers that are given again without asking",
             {duration_ms("age_ms", "For so long; 0: not at all", 60'000),
              integer("entries", "So many").between(1, 100'000).defaults_to(1000)}),
      integer("answer_bytes_max", "A larger answer has failed")
          .between(1, 1024 * 1024)
          .defaults_to(256 * 1024),
  };
}

}  // namespace

const Fields& enrich_fields() {
  static const Fields fields = together(stage_fields(), own_fields());
  return fields;
}

}  // namespace causeway::config
