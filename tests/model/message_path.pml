/*
 * The state machine of the message path, for exhaustive search by Spin: acceptance, arming, attempts,
 * settlement, recovery, lease. One lane, one destination; N messages in order, SLOTS tries at once,
 * up to CRASHES kills, TAKEOVERS of the lease from a stopped engine (which then wakes), AMBIGUOUS
 * tries without an answer, DEFERRED tries that didn't get through, and REJECTED messages (parked).
 * POLICY is the destination's `on_ambiguous`.
 *
 * What stands for what: `row` is what is committed (engine/store); `memory` is what a kill takes
 * (engine/channel/delivery_queue: Item::state); `journal` holds what was handed to the writer and is
 * not committed, `answers` the callbacks still to come. The sender sends a message again until it is
 * acknowledged; the intake recognises it (duplicates: suppress).
 *
 * Run by tests/model/model_test.py, which also breaks rules on purpose (MUTATION) and expects Spin
 * to see it.
 */
#ifndef N
#define N 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef TAKEOVERS
#define TAKEOVERS 1
#endif
#ifndef AMBIGUOUS
#define AMBIGUOUS 1
#endif
#ifndef DEFERRED
#define DEFERRED 1
#endif
#ifndef REJECTED
#define REJECTED 1
#endif
#define PARK 1
#define HOLD 2
#define RETRY 3
#ifndef POLICY
#define POLICY PARK
#endif
#ifndef MUTATION
#define MUTATION 0
#endif
/* Rules that a mutation breaks. */
#define ACK_BEFORE_COMMIT (MUTATION == 1)
#define SEND_UNARMED (MUTATION == 2)
#define RESEND_AFTER_CRASH (MUTATION == 3)
#define NO_EPOCH_CHECK (MUTATION == 4)
#define LANE_GOES_ON (MUTATION == 5)
#define ARM_WITHOUT_SLOT (MUTATION == 6)
#define PARKED_BEFORE_COMMIT (MUTATION == 7)

/* Of a message in an engine's memory. */
#define Unknown 0
#define Accepting 1   /* handed to the journal */
#define Accepted 2    /* committed: may be run */
#define Committing 3  /* its passage is on the way to the journal */
#define Queued 4
#define Beginning 5   /* its Begun row is on the way */
#define Armed 6
#define Checked 7     /* the lease was looked at; the first byte is about to leave */
#define Sent 8        /* bytes have left; no answer yet */
#define Waiting 9     /* for its next try */
#define Held 10
#define Leaving 11    /* to be parked: its lane goes on when that is committed */
#define Parked 12
#define Done 13

/* Of a delivery as committed. */
#define NoRow 0
#define Open 1
#define RowWaiting 2
#define RowHeld 3
#define RowParked 4
#define RowDone 5

/* What the journal is asked to commit. */
#define Record 0
#define RecordArmed 1
#define Begun 2
#define Disarmed 3
#define SettleDone 4
#define SettleWaiting 5
#define SettleHeld 6
#define SettleParked 7

#define QUEUE 6

/* Committed. */
bool stored[N];
byte row[N];
bool armed[N];
bool flagged[N];      /* the next try says that it may be a second one */
byte epoch_in_store = 1;

/* What an outsider knows; never read by an engine. */
byte received[N];     /* accepted by the receiver */
bool rejected[N];     /* by the receiver, when it came last */
byte highest = 0;     /* received so far, counted from 1 */
bool ambiguous[N];    /* listed as such at some time */
byte acknowledged = 0;

/* The network between the sender and whoever listens. */
byte offered = 0;     /* counted from 1; 0: nothing */

typedef Memory {
  byte state[N];
  bool possible_duplicate[N];
  byte in_flight;
  byte epoch;
  bool alive;
  bool expired;       /* by its own monotonic clock */
};
Memory memory[2];

chan journal0 = [QUEUE] of { byte, byte };
chan journal1 = [QUEUE] of { byte, byte };
chan answers0 = [QUEUE] of { byte, byte };
chan answers1 = [QUEUE] of { byte, byte };

byte crashes = 0, takeovers = 0, unanswered = 0, refused = 0, rejections = 0;

#define blocks(e, m) (memory[e].state[m] == Waiting || memory[e].state[m] == Held)
#define blocked(e, m) (!LANE_GOES_ON && ((m > 0 && blocks(e, 0)) || (m > 1 && blocks(e, 1))))
#define unarmed_before(e, m) ((m > 0 && unarmed(e, 0)) || (m > 1 && unarmed(e, 1)))
#define unarmed(e, m) (memory[e].state[m] == Queued || memory[e].state[m] == Beginning)
#define may_send(e) (!memory[e].expired)
#define slot_free(e) (memory[e].in_flight < SLOTS || ARM_WITHOUT_SLOT)

/* The first of the lane's messages of which something holds; N: none. */
#define first(p0, p1, p2) ((p0) -> 0 : ((N > 1 && (p1)) -> 1 : ((N > 2 && (p2)) -> 2 : N)))
#define in_state(e, s) first(memory[e].state[0] == s, memory[e].state[1 % N] == s, \
                             memory[e].state[2 % N] == s)
#define waiting(e) in_state(e, Waiting)
#define next_run(e) in_state(e, Accepted)
#define beginnable(e, m) (memory[e].state[m] == Queued && !blocked(e, m))
#define next_begin(e) first(beginnable(e, 0), beginnable(e, (1 % N)), beginnable(e, (2 % N)))
#define open_(e, m) (memory[e].state[m] < Parked && !(LANE_GOES_ON && blocks(e, m)))
#define head(e) first(open_(e, 0), open_(e, (1 % N)), open_(e, (2 % N)))

inline drain(queue) {
  do
  :: len(queue) > 0 -> queue ? op, i
  :: len(queue) == 0 -> break
  od
}

inline forget(e) {
  d_step {
    memory[e].alive = false;
    memory[e].expired = false;
    memory[e].in_flight = 0;
    for (i : 0 .. N - 1) { memory[e].state[i] = Unknown; memory[e].possible_duplicate[i] = false; }
    if
    :: e == 0 -> drain(journal0); drain(answers0)
    :: e == 1 -> drain(journal1); drain(answers1)
    fi;
    op = 0; i = 0
  }
}

/* A start: what was being tried is ambiguous, all else is simply due. */
inline start(e) {
  epoch_in_store++;
  memory[e].epoch = epoch_in_store;
  memory[e].alive = true;
  memory[e].expired = false;
  suspects = 0;
  for (i : 0 .. N - 1) {
    memory[e].possible_duplicate[i] = flagged[i];
    if
    :: !stored[i] -> memory[e].state[i] = Unknown
    :: stored[i] && row[i] == NoRow -> memory[e].state[i] = Accepted
    :: row[i] == Open && armed[i] && RESEND_AFTER_CRASH -> memory[e].state[i] = Queued
    :: row[i] == Open && armed[i] && !RESEND_AFTER_CRASH ->
      suspects++;
      ambiguous[i] = true;
      memory[e].in_flight++;
      was_ambiguous(e, i)
    :: row[i] == Open && !armed[i] -> memory[e].state[i] = Queued
    :: row[i] == RowWaiting -> memory[e].state[i] = Waiting
    :: row[i] == RowHeld -> memory[e].state[i] = Held
    :: row[i] == RowParked -> memory[e].state[i] = Parked
    :: row[i] == RowDone -> memory[e].state[i] = Done
    fi
  }
  i = 0;
  assert(suspects <= SLOTS)
}

inline hand_over(e, what, which) {
  if
  :: e == 0 -> assert(nfull(journal0)); journal0 ! what, which
  :: e == 1 -> assert(nfull(journal1)); journal1 ! what, which
  fi
}

inline put_aside(e, m) {
  memory[e].state[m] = (PARKED_BEFORE_COMMIT -> Parked : Leaving);
  hand_over(e, SettleParked, m)
}

inline was_ambiguous(e, m) {
  if
  :: POLICY == PARK -> put_aside(e, m)
  :: POLICY == HOLD -> memory[e].state[m] = Held; hand_over(e, SettleHeld, m)
  :: POLICY == RETRY ->
    memory[e].state[m] = Waiting;
    memory[e].possible_duplicate[m] = true;
    hand_over(e, SettleWaiting, m)
  fi
}

/* What is armed behind a message that stands still is disarmed by a row of its own. */
inline disarm_behind(e, m) {
  for (i : 0 .. N - 1) {
    if
    :: i > m && memory[e].state[i] == Armed && !LANE_GOES_ON ->
      memory[e].state[i] = Queued;
      hand_over(e, Disarmed, i)
    :: else
    fi
  }
  i = 0
}

/* One transaction: whole or not at all, and only for the holder of the lease. */
inline commit(e) {
  if
  :: memory[e].epoch != epoch_in_store && !NO_EPOCH_CHECK -> forget(e)
  :: else ->
    if
    :: what == Record -> row[m] = Open
    :: what == RecordArmed -> row[m] = Open; armed[m] = true
    :: what == Begun -> row[m] = Open; armed[m] = true
    :: what == Disarmed -> armed[m] = false
    :: what == SettleDone -> row[m] = RowDone; armed[m] = false
    :: what == SettleWaiting ->
      row[m] = RowWaiting; armed[m] = false; flagged[m] = memory[e].possible_duplicate[m]
    :: what == SettleHeld -> row[m] = RowHeld; armed[m] = false
    :: what == SettleParked -> row[m] = RowParked; armed[m] = false
    fi;
    if
    :: e == 0 -> answers0 ! what, m
    :: e == 1 -> answers1 ! what, m
    fi
  fi
}

/* The message's own transaction. An offer made again finds the row that is there. */
inline accept_commit(e, m) {
  if
  :: memory[e].epoch != epoch_in_store && !NO_EPOCH_CHECK -> forget(e)
  :: else -> stored[m] = true; memory[e].state[m] = Accepted
  fi
}

inline answered(e) {
  if
  :: what == Record -> memory[e].state[m] = Queued
  :: what == RecordArmed || what == Begun ->
    if
    :: blocked(e, m) -> memory[e].state[m] = Queued; hand_over(e, Disarmed, m)
    :: else -> memory[e].state[m] = Armed
    fi
  :: else ->
    memory[e].in_flight--;
    if
    :: what == SettleParked -> memory[e].state[m] = Parked
    :: else
    fi
  fi
}

/* The receiver gets a message: accepts it or not. Here the promises are kept or broken. */
inline arrives(e, m) {
  if
  :: accepts(e, m)
  :: rejections < REJECTED -> rejections++; rejected[m] = true
  fi
}

inline accepts(e, m) {
  rejected[m] = false;
  received[m]++;
  /* Before the first byte of a try leaves, a durable row says so. */
  assert(armed[m] || ambiguous[m]);
  /* Nothing is doubled but what is listed as ambiguous, and flagged. */
  assert(received[m] == 1 || (ambiguous[m] && POLICY == RETRY));
  /* Nothing is reordered but repeats, and what a stopped engine sends when it wakes: both listed. */
  assert(m + 1 >= highest || (ambiguous[m] && (received[m] > 1 || takeovers > 0)));
  if
  :: m + 1 > highest -> highest = m + 1
  :: else
  fi
}

proctype Engine(byte e) {
  byte m, i, what, op, suspects;
end:
  do
  /* Intake: nothing is acknowledged that is not committed. */
  :: atomic { memory[e].alive && offered > 0 && memory[e].state[offered - 1] == Unknown ->
      m = offered - 1;
      memory[e].state[m] = Accepting;
      if
      :: ACK_BEFORE_COMMIT -> acknowledged = offered; offered = 0
      :: else
      fi;
      m = 0 }
  :: atomic { memory[e].alive && memory[e].state[0] == Accepting -> accept_commit(e, 0) }
  :: atomic { memory[e].alive && N > 1 && memory[e].state[1] == Accepting -> accept_commit(e, 1) }
  :: atomic { memory[e].alive && N > 2 && memory[e].state[N - 1] == Accepting ->
      accept_commit(e, N - 1) }
  :: atomic { memory[e].alive && offered > 0 && memory[e].state[offered - 1] >= Accepted ->
      acknowledged = offered; offered = 0 }

  /* Runs, in the lane's order: the passage is handed over, armed if there is a free slot. */
  :: atomic { memory[e].alive && next_run(e) < N ->
      m = next_run(e);
      memory[e].state[m] = Committing;
      if
      :: slot_free(e) && !blocked(e, m) && !unarmed_before(e, m) && may_send(e) ->
        memory[e].in_flight++;
        hand_over(e, RecordArmed, m)
      :: else -> hand_over(e, Record, m)
      fi;
      m = 0 }
  :: atomic { memory[e].alive && next_begin(e) < N && slot_free(e) && may_send(e) ->
      m = next_begin(e);
      if
      :: SEND_UNARMED -> memory[e].state[m] = Armed
      :: else -> memory[e].state[m] = Beginning; hand_over(e, Begun, m)
      fi;
      memory[e].in_flight++;
      m = 0 }

  /* The journal writer: commits in order; the callback comes later, or never. */
  :: atomic { e == 0 && memory[e].alive && nempty(journal0) && nfull(answers0) ->
      journal0 ? what, m; commit(e); what = 0; m = 0 }
  :: atomic { e == 1 && memory[e].alive && nempty(journal1) && nfull(answers1) ->
      journal1 ? what, m; commit(e); what = 0; m = 0 }
  :: atomic { e == 0 && memory[e].alive && nempty(answers0) ->
      answers0 ? what, m; answered(e); what = 0; m = 0 }
  :: atomic { e == 1 && memory[e].alive && nempty(answers1) ->
      answers1 ? what, m; answered(e); what = 0; m = 0 }

  /* A try: a look at the lease, then the bytes (an engine may be stopped between), then an outcome. */
  :: atomic { memory[e].alive && head(e) < N && memory[e].state[head(e)] == Armed && may_send(e) ->
      m = head(e); memory[e].state[m] = Checked; m = 0 }
  :: atomic { memory[e].alive && head(e) < N && memory[e].state[head(e)] == Checked ->
      m = head(e);
      if
      :: memory[e].state[m] = Sent; arrives(e, m)
      :: unanswered < AMBIGUOUS ->   /* lost on the way */
        unanswered++; ambiguous[m] = true; was_ambiguous(e, m); disarm_behind(e, m)
      :: refused < DEFERRED ->       /* provably not accepted */
        refused++;
        memory[e].state[m] = Waiting;
        hand_over(e, SettleWaiting, m);
        disarm_behind(e, m)
      fi;
      m = 0 }
  :: atomic { memory[e].alive && head(e) < N && memory[e].state[head(e)] == Sent ->
      m = head(e);
      if
      :: !rejected[m] -> memory[e].state[m] = Done; hand_over(e, SettleDone, m)
      :: rejected[m] -> put_aside(e, m)
      :: unanswered < AMBIGUOUS ->   /* the answer is lost */
        unanswered++; ambiguous[m] = true; was_ambiguous(e, m);
        if
        :: POLICY != PARK -> disarm_behind(e, m)
        :: else
        fi
      fi;
      m = 0 }
  :: atomic { memory[e].alive && waiting(e) < N ->
      m = waiting(e); memory[e].state[m] = Queued; m = 0 }

  /* A kill, and the start after it. */
  :: atomic { memory[e].alive && crashes < CRASHES -> crashes++; forget(e) }
  :: atomic { !memory[e].alive && !memory[1 - e].alive -> start(e) }
  /* Its lease runs out, by its own clock, before another engine takes it. */
  :: atomic { memory[e].alive && !memory[e].expired && !memory[1 - e].alive &&
      takeovers < TAKEOVERS -> takeovers++; memory[e].expired = true }
  :: atomic { !memory[e].alive && memory[1 - e].alive && memory[1 - e].expired -> start(e) }
  od
}

/* Sends each message until it is acknowledged, one after the other. */
proctype Sender() {
  byte next = 1;
  do
  :: next > N -> break
  :: next <= N -> offered = next; acknowledged == next -> 
    assert(stored[next - 1]);  /* acknowledged: stored */
    next++
  od;
  next = 0
}

/* When nothing moves any more: what is stored is delivered, parked, or held with its lane. */
proctype Observer() {
  byte i;
  bool held = false;
  timeout ->
  d_step {
    for (i : 0 .. N - 1) {
      assert(stored[i]);
      if
      :: row[i] == RowHeld -> held = true
      :: row[i] == RowDone -> assert(received[i] >= 1)
      :: row[i] == RowParked
      :: row[i] == Open || row[i] == NoRow -> assert(held && !armed[i])
      :: row[i] == RowWaiting -> assert(false)
      fi
    }
  }
}

init {
  atomic {
    memory[0].alive = true;
    memory[0].epoch = 1;
    run Engine(0);
    run Engine(1);
    run Sender();
    run Observer()
  }
}
