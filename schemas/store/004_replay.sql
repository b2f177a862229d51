-- Replays as tasks: see engine/core/replay.h. Times: microseconds since 1970.

CREATE TABLE replay (
  id           bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created_at   bigint   NOT NULL,
  ended_at     bigint   NOT NULL,  -- 0: it is not over
  per_second   bigint   NOT NULL,
  total        bigint   NOT NULL,
  done         bigint   NOT NULL,
  refused      bigint   NOT NULL,
  position     bigint   NOT NULL,
  collected_to bigint   NOT NULL,
  state        smallint NOT NULL,
  collecting   boolean  NOT NULL,  -- not all of its messages have been found
  channel      text     NOT NULL,
  created_by   text     NOT NULL,
  plan         bytea    NOT NULL   -- sealed
) WITH (fillfactor = 70);
CREATE INDEX replay_open ON replay (id) WHERE state < 4;

CREATE TABLE replay_message (
  replay  bigint   NOT NULL,
  message bigint   NOT NULL,
  refused smallint NOT NULL,  -- ErrorKind; 0: it was not
  PRIMARY KEY (replay, message)
);
