-- What persons have stopped: see engine/core/lane_hold.h. since: microseconds since 1970.

CREATE TABLE lane_hold (
  channel     integer NOT NULL,
  destination integer NOT NULL,  -- 0: the channel's runs
  lane        bigint  NOT NULL,  -- 0: the whole queue
  named_by    bigint  NOT NULL,  -- a message of the lane; 0: none
  since       bigint  NOT NULL,
  author      text    NOT NULL,
  reason      bytea   NOT NULL,  -- sealed
  PRIMARY KEY (channel, destination, lane)
);
