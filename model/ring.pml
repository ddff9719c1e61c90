/* The frame ring of docs/ring-extension.md: claim, publish, abandon, wake, lease, release; a ring
 * made anew; death on either side. docs/model.md says what is left out and how the tests tie the
 * code to this.
 *
 * Interleavings only: the fences of the code make the words that matter sequentially consistent
 * (claim against lease, publish against waiting).
 *
 * Processes are killed between any two of their steps. The pixels of a slot are two halves, each
 * naming the frame that it belongs to. A new ring is made of fresh memory, as our host makes it,
 * or, where the driver that had the old one is dead or the same, in the memory of the old one, as
 * the public protocol allows: tokens and records of the old ring are still there then.
 *
 * A piece under BREAK_name is a fault: with -DBREAK_name the search must report an error. Its
 * comment opens with the configuration that finds it. FOUND BY is read by tools/model.sh.
 */
#ifndef FRAMES
#define FRAMES 2           /* that a driver composes for the first ring */
#endif
#ifndef LATER
#define LATER 1            /* and for a later one */
#endif
#ifndef ABANDONS
#define ABANDONS 0         /* frames that sources give up, half drawn or without a slot */
#endif
#ifndef RINGS
#define RINGS 2            /* that the host makes */
#endif
#ifndef LIVES
#define LIVES 2            /* of drivers */
#endif
#define SLOTS 3
#ifndef LEASES
#define LEASES 2           /* that consumers hold at once; 2 or 3 */
#endif

#define FREE 0
#define WRITING 1
#define PUBLISHED 2
#define NONE 7
#define frames_of(ring) (ring == 1 -> FRAMES : LATER)
#define FRAME(ring, seq) ((ring) * 8 + (seq))

#define ATTACH 0
#define CLAIM 1
#define DROP 2
#define DRAW 3
#define ABANDON 4
#define PUBLISH 5
#define LET_GO 6
#define LOOK_NEW 7
#define LOOK_NOTHING 8
#define HOLD_OURS 9
#define HOLD_MOVED 10
#define WAITS 11
#define WAIT_NOT 12
#define WOKE 13
#define LOOK_AGAIN 14
#define NEW_RING 15
#ifdef CALLS
c_decl {
static const char *const call_names[] = {
    "attach", "claim", "drop", "draw", "abandon", "publish", "let_go", "look:new", "look:nothing",
    "hold:ours", "hold:moved", "waits", "wait:not", "woke", "look_again", "new_ring"};
}
#endif
#include "calls.pml"

/* Shared memory, one for each ring that is made of fresh memory. */
typedef Memory {
    byte latest_ring, latest_seq, latest_slot;    /* driver; one word */
    bool waiting;                                 /* host */
    byte state[SLOTS];                            /* driver */
    byte record[SLOTS];                           /* driver: seq */
    byte half_a[SLOTS], half_b[SLOTS];            /* driver: pixels */
    bool held[SLOTS];                             /* host: the lease */
    bool event                                    /* auto-reset */
}
Memory memory[RINGS];

byte ring_now = 1, life, m_now;                   /* the host's ring, its driver and its memory */

/* What the control channel carries; an empty ring number means none. */
byte told_ring[LIVES], told_memory[LIVES];        /* SetFrameChannel: the newest delivery */
byte opened_ring[LIVES];                          /* driver_status */

bool alive[LIVES];
bool host_alive = true;
bool idle[LIVES];                                 /* a driver with nothing to publish */

#define its memory[m]

byte last_seq;                                    /* newest frame handed out of the host's ring */
byte lease_slot[LEASES] = NONE, lease_memory[LEASES], lease_frame[LEASES];

#ifdef CALLS
c_code {
/* ring last_seq latest waiting event, the slots, the leases on the ring before. */
void seen(char *text)
{
    const struct Memory *m = &now.memory[now.m_now];
    int i, older = 0, n;
    for (i = 0; i < LEASES; ++i) {
        older += now.lease_slot[i] != NONE && now.lease_memory[i] != now.m_now;
    }
    n = sprintf(text, "%d,%d,%d.%d.%d,%d%d", now.ring_now, now.last_seq, m->latest_ring,
                m->latest_seq, m->latest_slot, m->waiting, m->event);
    for (i = 0; i < SLOTS; ++i) {
        n += sprintf(text + n, ",%c%d%d%d%c", "FWP"[m->state[i]], m->record[i],
                     m->half_a[i] % 8, m->half_b[i] % 8, m->held[i] ? 'h' : '-');
    }
    sprintf(text + n, ",%d", older);
}
}
#endif

/* ---------------------------------------------------------------- driver/core: frame_publisher */

byte abandons = ABANDONS;

/* FramePublisher::attach. The host looks at nothing of the ring before it reads `opened`. */
inline attach() {
    ring = told_ring[d];
    m = told_memory[d];
    seq = 0; given_up = 0; newest = NONE; i = NONE;
    its.state[0] = FREE; its.state[1] = FREE; its.state[2] = FREE;
    opened_ring[d] = ring
}

/* SlotLedger::order: the newest frame's slot comes last; which of the others is our own choice. Of
 * those that never had a frame it is the first: they are alike.
 */
#define touched(slot) (its.half_a[slot] != 0)
inline choose_slot() {
    if
    :: !(refused & 1) && (newest != 0 || refused == 6) -> i = 0
    :: !(refused & 2) && touched(0) && (newest != 1 || refused == 5) -> i = 1
    :: !(refused & 4) && touched(1) && (newest != 2 || refused == 3) -> i = 2
    :: refused == 7 -> i = NONE
    fi
}

proctype Driver(byte d)
{
    byte ring = 0, m = 0, seq = 0, given_up = 0, i = NONE, newest = NONE, refused = 0, before = FREE;
    {
        skip;
delivered:
        CALL { attach(); EDGE(ATTACH) }
frame:
        if                                        /* the control thread comes between the calls */
        :: told_ring[d] != ring -> goto delivered
        :: told_ring[d] == ring && seq + given_up == frames_of(ring) -> goto rest
        :: told_ring[d] == ring && seq + given_up < frames_of(ring) -> skip
#ifdef HOST_DIES
#ifndef BREAK_owner_gone   /* host: nobody tells the driver that its host is gone */
        :: !host_alive -> goto departed
#endif
#endif
        fi;

        /* FramePublisher::claim over MemorySlots::acquire */
        CALL {
        refused = 0; i = NONE;
        do
        :: choose_slot();
            if
            :: i == NONE -> break                 /* every slot is leased */
#ifdef BREAK_skip_leased   /* host: the driver waits for a slot instead of taking another */
            :: i != NONE && !its.held[i] -> skip
#else
            :: i != NONE && its.held[i] -> refused = refused | (1 << i); goto next_slot
            :: i != NONE && !its.held[i] -> skip
#endif
            fi;
            before = its.state[i];
            its.state[i] = WRITING;
#ifndef BREAK_claim_check  /* one_ring: the slot may have been leased since the look at `held` */
            if
            :: its.held[i] ->
                its.state[i] = before;
                refused = refused | (1 << i);
                goto next_slot
            :: !its.held[i] -> skip
            fi;
#endif
            break;
next_slot:
            before = FREE
        od;
        before = FREE; refused = 0;
        EDGE((i == NONE -> DROP : CLAIM))
        }

        if
        :: i == NONE ->                           /* the frame is owed: again in a moment */
            if
            :: !its.held[0] || !its.held[1] || !its.held[2] || told_ring[d] != ring -> goto frame
            :: abandons > 0 -> abandons--; given_up++; goto frame
#ifdef HOST_DIES
            :: !host_alive -> goto departed
#endif
            fi
        :: i != NONE -> skip
        fi;

        CALL { its.half_a[i] = FRAME(ring, seq + 1); EDGE(DRAW) }
        if
        :: told_ring[d] != ring -> goto delivered  /* an attach ends the claim */
        :: abandons > 0 ->                        /* FramePublisher::abandon: half of a frame */
            CALL {
            abandons--; given_up++;
#ifdef BREAK_abandon       /* one_ring: a spoiled slot is given back as it was */
            its.state[i] = PUBLISHED;
#else
            its.state[i] = FREE;
#endif
            newest = (newest == i -> NONE : newest);
            i = NONE;
            EDGE(ABANDON)
            }
            goto frame
        :: told_ring[d] == ring -> skip
        fi;
        CALL { its.half_b[i] = FRAME(ring, seq + 1); EDGE(DRAW) }
        if
        :: told_ring[d] != ring -> goto delivered
        :: told_ring[d] == ring -> skip
        fi;

        /* FramePublisher::publish */
        CALL {
#ifdef BREAK_record_order  /* one_ring: readable before its record is there */
        its.state[i] = PUBLISHED;
        its.record[i] = seq + 1;
#else
        its.record[i] = seq + 1;
        its.state[i] = PUBLISHED;
#endif
        newest = i;
        seq++;
        d_step { its.latest_ring = ring; its.latest_seq = seq; its.latest_slot = i };
        i = NONE;
#ifdef BREAK_wake          /* one_ring: a reader that waits is not signalled */
        skip;
#else
        if
        :: its.waiting -> its.event = true
        :: else -> skip
        fi;
#endif
        EDGE(PUBLISH)
        }
        goto frame;
rest:
        idle[d] = true;                           /* an idle desktop */
        if
        :: told_ring[d] != ring -> idle[d] = false; goto delivered
#ifdef HOST_DIES
#ifndef BREAK_owner_gone
        :: !host_alive -> goto departed
#endif
#endif
        fi;
departed:                                         /* Dispatcher::owner_gone */
        skip
    } unless { !alive[d] }
}

/* --------------------------------------------------------------- host/capture: frames on loan */


/* Memory that nobody maps any more. (The search then sees fewer states that differ in it alone.) */
inline forget() {
    if
    :: ring_now > 1 && m_now == 1 && !(life == 1 && alive[0]) && opened_ring[life] == ring_now &&
        !(lease_slot[0] != NONE && lease_memory[0] == 0) &&
        !(lease_slot[1] != NONE && lease_memory[1] == 0) &&
        !(lease_slot[LEASES - 1] != NONE && lease_memory[LEASES - 1] == 0) ->
        memory[0].latest_ring = 0; memory[0].latest_seq = 0; memory[0].latest_slot = 0;
        memory[0].waiting = false; memory[0].event = false;
        memory[0].state[0] = 0; memory[0].state[1] = 0; memory[0].state[2] = 0;
        memory[0].record[0] = 0; memory[0].record[1] = 0; memory[0].record[2] = 0;
        memory[0].half_a[0] = 0; memory[0].half_a[1] = 0; memory[0].half_a[2] = 0;
        memory[0].half_b[0] = 0; memory[0].half_b[1] = 0; memory[0].half_b[2] = 0
    :: else -> skip
    fi
}

#define its_lease(n, half) memory[lease_memory[n]].half[lease_slot[n]]

/* RingReader::let_go. The last look at the pixels comes before the slot is the driver's again. */
inline let_go(n) {
#ifdef BREAK_release_order /* one_ring: given back before the last look */
    its_lease(n, held) = false;
#endif
    d_step {
        assert(its_lease(n, half_a) == lease_frame[n]);   /* nothing changed under the lease */
        assert(its_lease(n, half_b) == lease_frame[n]);
        its_lease(n, held) = false;
        lease_slot[n] = NONE; lease_memory[n] = 0; lease_frame[n] = 0;
        forget()
    }
}

/* Whoever the frames were given to; lets go whenever it likes. */
active proctype Consumer()
{
    {
        skip;
end_lent:
        do
        :: lease_slot[0] != NONE -> CALL { let_go(0); EDGE(LET_GO) }
        :: lease_slot[1] != NONE -> CALL { let_go(1); EDGE(LET_GO) }
#if LEASES > 2
        :: lease_slot[2] != NONE -> CALL { let_go(2); EDGE(LET_GO) }
#endif
        od
    } unless { !host_alive }
}

/* ------------------------------------------------------------------ host/capture: ring_reader */

byte seen_ring, seen_seq, seen_slot;              /* `latest` as it was looked at last */

#define mine memory[m_now]
#define unseen (mine.latest_ring != seen_ring || mine.latest_seq != seen_seq || \
                mine.latest_slot != seen_slot)

/* A frame that could be taken. */
#define newer (mine.latest_ring == ring_now && mine.latest_seq > last_seq && \
               mine.state[mine.latest_slot] == PUBLISHED)

/* check_token. A ring that is fresh has no token: its seq is 0. */
#ifdef BREAK_generation_check /* remade: tokens of the ring that was in this memory count */
#define token_is_new (seen_seq > last_seq)
#else
#define token_is_new (seen_ring == ring_now && seen_seq > last_seq)
#endif

/* A new ring, and its delivery. Only a driver that writes no more may leave its memory behind. */
inline make_ring(fresh) {
    ring_now++;
    m_now = (fresh -> m_now + 1 : m_now);
    last_seq = 0; seen_ring = 0; seen_seq = 0; seen_slot = 0;
    told_memory[life] = m_now;
    told_ring[life] = ring_now
}

proctype Host()
{
    bool got = false, contended = false;
    byte n = 0;
    {
        skip;
attaching:
        if                                        /* Feed::attach, wait_opened */
        :: d_step { opened_ring[life] == ring_now -> forget() }
        :: !alive[life] -> goto lost
        fi;
take:
        contended = false;
look:
        CALL {
        d_step {
            seen_ring = mine.latest_ring; seen_seq = mine.latest_seq; seen_slot = mine.latest_slot
        };
        EDGE((token_is_new -> LOOK_NEW : LOOK_NOTHING))
        }
        if
        :: !token_is_new -> goto nothing
        :: token_is_new && lease_slot[0] == NONE -> n = 0
        :: token_is_new && lease_slot[0] != NONE && lease_slot[1] == NONE -> n = 1
#if LEASES > 2
        :: token_is_new && lease_slot[0] != NONE && lease_slot[1] != NONE && lease_slot[2] == NONE ->
            n = 2
#endif
        fi;                                       /* consumers that hold all they can: later */

        /* MemorySlots::hold */
        CALL {
        assert(!mine.held[seen_slot]);            /* no honest driver publishes in a leased slot */
        mine.held[seen_slot] = true;
#ifdef BREAK_lease_check   /* one_ring: the slot is taken as the token has it */
        got = true;
#else
        got = false;
        if
        :: mine.state[seen_slot] == PUBLISHED ->
#ifdef BREAK_seq_check     /* one_ring: any published frame will do */
            got = true
#else
            got = (mine.record[seen_slot] == seen_seq)
#endif
        :: else -> skip
        fi;
        if
        :: !got -> mine.held[seen_slot] = false
        :: got -> skip
        fi;
#endif
        if
        :: got ->
            d_step {
                last_seq = seen_seq;
                lease_slot[n] = seen_slot; lease_memory[n] = m_now;
                lease_frame[n] = FRAME(ring_now, seen_seq);
                assert(mine.half_a[seen_slot] == lease_frame[n]);  /* whole, of this ring, */
                assert(mine.half_b[seen_slot] == lease_frame[n])   /* with its own record */
            }
        :: !got -> skip
        fi;
        n = 0;
        EDGE((got -> HOLD_OURS : HOLD_MOVED))
        }
        if
        :: got -> got = false; goto take
        :: !got -> goto look                      /* kLooks times at most, then: */
        :: !got -> contended = true               /* being written, or given back */
        fi;
nothing:
#ifdef BREAK_contended_look /* one_ring: with a frame half taken, the wait is as long as any */
        contended = false;
#endif
        if                                        /* LiveSession::loss */
        :: !alive[life] -> goto lost
        :: alive[life] -> skip
        fi;

        /* RingReader::wait */
        CALL {
#ifdef BREAK_waiting_flag  /* one_ring: the check comes before the flag */
        if
        :: unseen -> skip
        :: !unseen -> mine.waiting = true
        fi;
#else
        mine.waiting = true;
        if
        :: unseen -> mine.waiting = false
        :: !unseen -> skip
        fi;
#endif
        EDGE((mine.waiting -> WAITS : WAIT_NOT))
        }
        if
        :: !mine.waiting -> goto take
        :: mine.waiting -> skip
        fi;
        do
        :: mine.event -> CALL { mine.event = false; mine.waiting = false; EDGE(WOKE) } break
        :: contended -> CALL { mine.waiting = false; EDGE(LOOK_AGAIN) } break
        :: !alive[life] -> CALL { mine.waiting = false; EDGE(LOOK_AGAIN) } break
#if defined(REMADE) || defined(STOPPED)
        :: ring_now < RINGS -> CALL { mine.waiting = false; EDGE(LOOK_AGAIN) } goto anew
#endif
        :: atomic { idle[life] && opened_ring[life] == told_ring[life] && !mine.event && !contended
            /* Nothing moves any more: no wake-up was lost, no slot is left claimed. */
            -> assert(!newer);
            assert(mine.state[0] != WRITING && mine.state[1] != WRITING);
            assert(mine.state[2] != WRITING)
            }
        od;
        goto take;

#if defined(REMADE) || defined(STOPPED)
anew:
        contended = false;
        if
#ifdef REMADE              /* another mode or a lost ring: the same driver gets another one */
        :: atomic { alive[life] -> make_ring(true); EDGE(NEW_RING) }
#ifndef CALLS
        :: atomic { alive[life] -> make_ring(false) }
#endif
#endif
#ifdef STOPPED             /* the driver is stopped, not dead, and goes on later */
        :: atomic { life < LIVES - 1 ->
#ifdef BREAK_fresh_memory  /* lives: the next driver gets the memory that a stopped one has */
            life++; alive[life] = true; make_ring(false);
#else
            life++; alive[life] = true; make_ring(true);
#endif
            run Driver(life); EDGE(NEW_RING)
            }
#endif
        :: !alive[life] -> goto lost
        fi;
        goto attaching;
#endif
lost:
        contended = false;
        if
        :: atomic { life < LIVES - 1 && ring_now < RINGS ->
            life++; alive[life] = true; make_ring(true); run Driver(life); EDGE(NEW_RING) }
#ifndef CALLS
        :: atomic { life < LIVES - 1 && ring_now < RINGS ->
            life++; alive[life] = true; make_ring(false); run Driver(life) }
#endif
        :: !(life < LIVES - 1 && ring_now < RINGS) -> goto over
        fi;
        goto attaching;
over:
        (lease_slot[0] == NONE && lease_slot[1] == NONE && lease_slot[LEASES - 1] == NONE);
        d_step {                                  /* no slot is lost */
            assert(!memory[0].held[0] && !memory[0].held[1] && !memory[0].held[2]);
            assert(!mine.held[0] && !mine.held[1] && !mine.held[2])
        }
    } unless { !host_alive }
}

#ifndef CALLS
active proctype Killer()
{
end_spare:
    do
#ifdef HOST_DIES
    :: host_alive -> host_alive = false
#else
    :: d_step { alive[0] -> alive[0] = false; forget() }
#if LIVES > 1
    :: alive[1] -> alive[1] = false
#endif
#endif
    od
}
#endif

init {
    atomic {
        alive[0] = true; told_ring[0] = 1;
        run Driver(0); run Host()
    }
}
