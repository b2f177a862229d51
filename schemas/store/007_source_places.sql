-- How far sources have read: see engine/core/places.h. high, low: keyed hashes of the place's name.

CREATE TABLE source_place (
  high  bigint NOT NULL,
  low   bigint NOT NULL,
  at    bigint NOT NULL,  -- microseconds since 1970, of its sealing
  place bytea  NOT NULL,  -- sealed
  PRIMARY KEY (high, low)
) WITH (fillfactor = 50);
