-- Why runs and deliveries fail, grouped: see engine/core/failure.h. Times: microseconds since 1970.
-- id: a keyed hash of the cause. Texts are the configuration's: names of stages, files of scripts;
-- code: what the destination's protocol calls the refusal.

CREATE TABLE failure_cause (
  id               bigint   PRIMARY KEY,
  first_seen       bigint   NOT NULL,
  last_seen        bigint   NOT NULL,
  count            bigint   NOT NULL,
  channel          integer  NOT NULL,
  destination      integer  NOT NULL,  -- 0: the channel's runs
  first_deployment integer  NOT NULL,
  last_deployment  integer  NOT NULL,
  kind             smallint NOT NULL,
  stage            text     NOT NULL,
  place            text     NOT NULL,
  code             text     NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX failure_cause_last ON failure_cause (last_seen, id);

CREATE TABLE failure_message (
  cause   bigint NOT NULL,
  message bigint NOT NULL,
  PRIMARY KEY (cause, message)
);
