-- What changes: small tables of open work, of the node, and of the configuration.

CREATE TABLE low_water (
  channel     integer NOT NULL,
  destination integer NOT NULL,  -- 0: the channel's runs
  message     bigint  NOT NULL,
  PRIMARY KEY (channel, destination)
) WITH (fillfactor = 50);

CREATE TABLE attention (
  message     bigint   NOT NULL,
  since       bigint   NOT NULL,
  due         bigint   NOT NULL,
  order_key   bigint,
  channel     integer  NOT NULL,
  destination integer  NOT NULL,
  run         smallint NOT NULL,
  part        smallint NOT NULL,
  state       smallint NOT NULL,
  outcome     smallint NOT NULL,
  kind        smallint NOT NULL,
  class       smallint NOT NULL,
  attempts    integer  NOT NULL,
  flags       smallint NOT NULL,
  suspect     boolean  NOT NULL,
  more_keys   bigint[],
  reason      bytea,
  PRIMARY KEY (message, run, destination, part)
) WITH (fillfactor = 70);
CREATE INDEX attention_queue ON attention (channel, destination, message, run, part);
CREATE INDEX attention_state ON attention (state, kind, message);
CREATE INDEX attention_behind ON attention (channel, destination, order_key, message, run, part)
  WHERE state = 4;

CREATE TABLE trying (
  message     bigint   NOT NULL,
  run         smallint NOT NULL,
  destination integer  NOT NULL,
  part        smallint NOT NULL,
  crashes     integer  NOT NULL,
  PRIMARY KEY (message, run, destination, part)
);

-- What runs leave to the next of their lane. message: which wrote it; its day is that of its key.
CREATE TABLE script_state (
  channel integer  NOT NULL,
  lane    bigint   NOT NULL,  -- order key
  name    bigint   NOT NULL,  -- keyed hash
  message bigint   NOT NULL,
  class   smallint NOT NULL,
  sealed  bytea    NOT NULL,
  PRIMARY KEY (channel, lane, name)
) WITH (fillfactor = 70);

-- A node's hold on its work. Times are the database's. Rows are never deleted: epochs only rise.
CREATE TABLE lease (
  node   smallint    PRIMARY KEY,
  epoch  integer     NOT NULL UNIQUE,
  holder text        NOT NULL,
  until  timestamptz NOT NULL
);

CREATE TABLE data_key (
  id        integer  PRIMARY KEY,
  retention smallint NOT NULL,
  day       integer  NOT NULL,  -- since 1970
  wrapped   bytea    NOT NULL,  -- empty: destroyed
  UNIQUE (retention, day)
);

CREATE TABLE channel (
  id           integer  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  path         text     NOT NULL UNIQUE,
  content_days smallint NOT NULL,  -- 0: for ever
  lineage_days smallint NOT NULL,  -- 0: for ever
  legal_hold   boolean  NOT NULL DEFAULT false
);

CREATE TABLE destination (
  id      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel integer NOT NULL,
  name    text    NOT NULL,
  UNIQUE (channel, name)
);

CREATE TABLE revision (
  id      integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel integer     NOT NULL,
  parent  integer     NOT NULL,  -- what was deployed when it was made; 0: nothing
  hash    bytea       NOT NULL,
  author  text        NOT NULL,
  comment text        NOT NULL,
  at      timestamptz NOT NULL DEFAULT now(),
  files   bytea       NOT NULL,  -- compressed and sealed
  UNIQUE (channel, hash)
);

CREATE TABLE deployment (
  id          integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel     integer     NOT NULL,
  revision    integer     NOT NULL,  -- 0: undeployed
  environment bytea       NOT NULL,  -- compressed and sealed
  author      text        NOT NULL,
  comment     text        NOT NULL,
  at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX deployment_current ON deployment (channel, id);

-- What operators have switched off or paused; what has no row is on.
CREATE TABLE switch (
  channel integer     NOT NULL,
  part    integer     NOT NULL,  -- 0: the channel; -1: its source; else a destination
  state   smallint    NOT NULL,
  author  text        NOT NULL,
  at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel, part)
);

-- What retention has done, so that no partition is rewritten twice for the same reason: content of
-- this class (number >= 0), or lineage of this channel (number = -channel).
CREATE TABLE retained (
  day    integer NOT NULL,  -- since 1970
  number integer NOT NULL,
  PRIMARY KEY (day, number)
);

-- Rows while nothing may be sent: see engine/store/sending_hold.h.
CREATE TABLE sending_hold (
  since  timestamptz NOT NULL,
  reason text        NOT NULL
);
