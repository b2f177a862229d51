-- The journal: what is appended, partitioned by UTC day of the message's id. See engine/store/README.md.
--
-- In the clear are only numbers that the engine itself assigned or measured, and keyed hashes. All
-- that a peer can influence is sealed (bytea). No foreign keys, no text, no defaults: rows are
-- written by engine/store/journal alone. Sealed columns are null once retention has removed them.

CREATE TABLE message (
  id          bigint   NOT NULL,
  received_at bigint   NOT NULL,  -- microseconds since 1970
  body_bytes  bigint   NOT NULL,
  order_key   bigint,             -- of the only or first lane
  dup_key     bigint,
  dup_print   bigint,
  body        bigint,             -- staged body
  channel     integer  NOT NULL,
  class       smallint NOT NULL,  -- retention class of its content
  flags       smallint NOT NULL,
  type_key    integer  NOT NULL,  -- 32 bits of a keyed hash of its type; 0: none
  peer_key    integer  NOT NULL,  -- likewise of who sent it
  more_keys   bigint[],           -- of further lanes
  sealed      bytea,              -- header and inline body
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
ALTER TABLE message ALTER sealed SET STORAGE EXTERNAL;

CREATE TABLE passage (
  id           bigint   NOT NULL,
  at           bigint   NOT NULL,
  reply_at     bigint,
  channel      integer  NOT NULL,
  deployment   integer  NOT NULL,
  run          smallint NOT NULL,
  cause        smallint NOT NULL,
  state        smallint NOT NULL,
  class        smallint NOT NULL,
  form         smallint NOT NULL,  -- 1: outputs are compressed against the message
  reply_bits   smallint,           -- state | timed out << 8
  destinations integer[],          -- one with several deliveries (parts) is named several times
  deliveries   bytea,              -- numbers of each delivery, in the order of destinations
  steps        bytea,
  outputs      bytea,
  reply        bytea,
  PRIMARY KEY (id, run)
) PARTITION BY RANGE (id);
ALTER TABLE passage ALTER deliveries SET STORAGE EXTERNAL, ALTER steps SET STORAGE EXTERNAL,
  ALTER outputs SET STORAGE EXTERNAL, ALTER reply SET STORAGE EXTERNAL;

-- One row per event of a piece of work, or per reply. seq: epoch << 40 | count; the order of events.
CREATE TABLE settlement (
  id          bigint   NOT NULL,
  seq         bigint   NOT NULL,
  at          bigint   NOT NULL,
  reply_at    bigint,
  destination integer  NOT NULL,
  run         smallint NOT NULL,  -- 0: a reply alone
  event       smallint NOT NULL,
  attempt     smallint NOT NULL,
  outcome     smallint NOT NULL,
  kind        smallint NOT NULL,
  class       smallint NOT NULL,
  reply_bits  smallint,
  terminal    boolean  NOT NULL,
  part        smallint,           -- null: 0
  content     bytea,              -- response and text
  reply       bytea
) PARTITION BY RANGE (id);
CREATE INDEX settlement_id ON settlement (id);
ALTER TABLE settlement ALTER content SET STORAGE EXTERNAL, ALTER reply SET STORAGE EXTERNAL;

-- Keyed hashes of search terms, and of what whole blocks of messages have (type, peer, channel): see
-- engine/store/journal/facets.h. bucket: the first message id of a run of 2^18 messages, so that
-- inserts touch few pages.
CREATE TABLE term (
  bucket  bigint NOT NULL,
  term    bigint NOT NULL,
  message bigint NOT NULL,
  PRIMARY KEY (bucket, term, message)
) PARTITION BY RANGE (message);

CREATE TABLE term_bucket (
  bucket bigint PRIMARY KEY
);

-- Each link twice: once in the child's partition (up) and once in the parent's.
CREATE TABLE link (
  id    bigint   NOT NULL,
  other bigint   NOT NULL,
  kind  smallint NOT NULL,
  up    boolean  NOT NULL,  -- other is the parent
  PRIMARY KEY (id, up, other, kind)
) PARTITION BY RANGE (id);

-- Staged bodies, and which message each was bound to by its commit.
CREATE TABLE body_chunk (
  body   bigint  NOT NULL,
  chunk  integer NOT NULL,
  bytes  integer NOT NULL,
  sealed bytea   NOT NULL,
  PRIMARY KEY (body, chunk)
) PARTITION BY RANGE (body);
ALTER TABLE body_chunk ALTER sealed SET STORAGE EXTERNAL;

CREATE TABLE body_of (
  body    bigint   NOT NULL,
  message bigint   NOT NULL,
  class   smallint NOT NULL,
  PRIMARY KEY (body, message)
) PARTITION BY RANGE (body);

-- Records of a source that have been accepted. Not partitioned: unique for as long as the message
-- is kept. The hash of the source is 128 bits; records of one file lie side by side.
CREATE TABLE origin (
  channel  integer NOT NULL,
  high     bigint  NOT NULL,
  low      bigint  NOT NULL,
  position bigint  NOT NULL,
  message  bigint  NOT NULL,
  PRIMARY KEY (channel, high, low, position)
);
