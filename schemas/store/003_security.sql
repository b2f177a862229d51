-- Who may use the installation, and what was done. Names, addresses and folders are in the clear;
-- secrets are hashes; reasons in somebody's words are sealed.

CREATE TABLE account (
  id            bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name          text    NOT NULL UNIQUE,
  password_hash text    NOT NULL,  -- Argon2id, encoded; empty: can't log in
  disabled      boolean NOT NULL,
  must_change   boolean NOT NULL,
  failures      integer NOT NULL,
  locked_until  bigint  NOT NULL,  -- times: microseconds since 1970
  password_at   bigint  NOT NULL,
  created_at    bigint  NOT NULL
);

CREATE TABLE token (
  id         bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text    NOT NULL,
  hash       bytea   NOT NULL UNIQUE,
  owner      bigint  NOT NULL,  -- 0: made on the engine's own machine
  created_by text    NOT NULL,
  created_at bigint  NOT NULL,
  expires_at bigint  NOT NULL,
  used_at    bigint  NOT NULL,
  revoked    boolean NOT NULL
);

CREATE TABLE session (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash       bytea  NOT NULL UNIQUE,
  account    bigint NOT NULL,
  peer       text   NOT NULL,
  created_at bigint NOT NULL,
  seen_at    bigint NOT NULL
);
CREATE INDEX session_account ON session (account, id);
CREATE INDEX session_created ON session (created_at);

-- Of an account, or of a token. A scope is a folder of channels; empty: the whole installation.
CREATE TABLE access_grant (
  account bigint NOT NULL,  -- 0: of a token
  token   bigint NOT NULL,  -- 0: of an account
  role    text   NOT NULL,
  scope   text   NOT NULL,
  PRIMARY KEY (account, token, role, scope)
);

-- Only ever added to. hash: SHA-256 over the hash of the row before in the node's chain, and this
-- row (engine/security/audit_chain.h).
CREATE TABLE audit (
  node    smallint NOT NULL,
  seq     bigint   NOT NULL,
  at      bigint   NOT NULL,
  actor   text     NOT NULL,
  proof   text     NOT NULL,
  peer    text     NOT NULL,
  action  text     NOT NULL,
  channel text     NOT NULL,
  target  text     NOT NULL,
  outcome text     NOT NULL,
  detail  bytea    NOT NULL,
  hash    bytea    NOT NULL,
  PRIMARY KEY (node, seq)
);
CREATE INDEX audit_at ON audit (at, node, seq);
