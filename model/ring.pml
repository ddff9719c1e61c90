/* The frame ring of docs/ring-extension.md: claim, publish, wake, lease, release, recreate, death.
 *
 * Interleavings only: the fences of the code make the words that matter sequentially consistent
 * (claim against lease, publish against waiting). The ring's memory is used again after a death,
 * as the public protocol allows: tokens and records of the old generation are still there when the
 * new driver starts. That is the harder case; our host makes new memory each time.
 *
 * A driver may be killed between any two of its steps. Pixels are two halves, each naming the
 * frame that it belongs to. Each piece under BREAK_name is a fault; a run with -DBREAK_name must
 * report an error.
 */
#ifndef SLOTS
#define SLOTS 3
#endif
#ifndef FRAMES
#define FRAMES 3           /* that a driver composes */
#endif
#ifndef LEASES
#define LEASES 2           /* that consumers hold at once */
#endif
#ifndef GENERATIONS
#define GENERATIONS 2      /* driver lives */
#endif

#define FREE 0
#define WRITING 1
#define PUBLISHED 2
#define NONE 255
#define FRAME(g, seq) ((g) * 16 + (seq))

/* Shared memory. */
byte latest_gen, latest_seq, latest_slot = NONE;  /* driver; one word */
bool waiting;                                     /* host */
byte state[SLOTS];                                /* driver */
byte record[SLOTS];                               /* driver: seq */
byte half_a[SLOTS], half_b[SLOTS];                /* driver: pixels */
bool held[SLOTS];                                 /* host: the lease */

bool event;                                       /* auto-reset */
bool alive[GENERATIONS];
byte generation;                                  /* the host's ring */
bool host_done;

proctype Driver(byte g)
{
    byte seq = 0, i = 0, newest = NONE, before = FREE;
    byte refused = 0;                             /* bit set of slots found leased */
    {
        do
        :: seq == FRAMES -> break
        :: else ->
            seq++;
            refused = 0;
choose:
            i = NONE;
            if                                    /* the newest only when nothing else is left */
            :: !(refused & 1) && (newest != 0 || refused == 7 - 1) -> i = 0
            :: !(refused & 2) && (newest != 1 || refused == 7 - 2) -> i = 1
            :: !(refused & 4) && (newest != 2 || refused == 7 - 4) -> i = 2
            :: refused == 7 -> goto dropped
            fi;
            if
            :: held[i] -> refused = refused | (1 << i); goto choose
            :: else -> skip
            fi;
            before = state[i];
            state[i] = WRITING;
#ifndef BREAK_claim_check
            if
            :: held[i] ->
                state[i] = before;
                refused = refused | (1 << i);
                goto choose
            :: else -> skip
            fi;
#endif
            half_a[i] = FRAME(g, seq);
            half_b[i] = FRAME(g, seq);
#ifdef BREAK_record_order
            state[i] = PUBLISHED;
            record[i] = seq;
#else
            record[i] = seq;
            state[i] = PUBLISHED;
#endif
            newest = i;
            atomic { latest_gen = g; latest_seq = seq; latest_slot = i };
#ifndef BREAK_wake
            if
            :: waiting -> event = true
            :: else -> skip
            fi;
#endif
dropped:
            skip
        od;
end_idle:
        false                                     /* an idle source, for ever */
    } unless { !alive[g] }
}

/* What consumers hold. */
byte lease_slot[LEASES] = NONE;
byte lease_frame[LEASES];

inline end_lease(n) {
    if
    :: lease_slot[n] != NONE ->
        assert(half_a[lease_slot[n]] == lease_frame[n]);   /* did not change under the lease */
        assert(half_b[lease_slot[n]] == lease_frame[n]);
        held[lease_slot[n]] = false;
        lease_slot[n] = NONE
    :: else -> skip
    fi
}

byte last_seq;                                    /* newest frame handed out of this generation */
#define newer (latest_slot != NONE && latest_gen == generation && latest_seq > last_seq)

proctype Host()
{
    byte t_gen = 0, t_seq = 0, t_slot = NONE, n = 0, tries = 0;
    bool got = false, contended = false;
next:
    got = false; contended = false; tries = 0;
retry:
    atomic { t_gen = latest_gen; t_seq = latest_seq; t_slot = latest_slot };
    if
#ifndef BREAK_generation_check
    :: t_slot != NONE && t_gen == generation && t_seq > last_seq ->
#else
    :: t_slot != NONE && t_seq > last_seq ->
#endif
        if                                        /* a consumer's place, freed when none is */
        :: lease_slot[0] == NONE -> n = 0
        :: lease_slot[0] != NONE && lease_slot[1] == NONE -> n = 1
        :: lease_slot[0] != NONE && lease_slot[1] != NONE ->
            if
            :: n = 0
            :: n = 1
            fi;
            end_lease(n)
        fi;
        if                                        /* ours already: an older frame of this slot */
        :: held[t_slot] -> goto wait
        :: else -> skip
        fi;
        held[t_slot] = true;
#ifndef BREAK_lease_check
        if
        :: state[t_slot] == PUBLISHED ->
            if
            :: record[t_slot] == t_seq -> got = true
            :: else -> held[t_slot] = false
            fi
        :: else -> held[t_slot] = false
        fi;
#else
        got = true;
#endif
        if
        :: got ->
            last_seq = t_seq;
            lease_slot[n] = t_slot;
            lease_frame[n] = FRAME(generation, t_seq);
            assert(half_a[t_slot] == lease_frame[n]);      /* whole, newest ring, its own record */
            assert(half_b[t_slot] == lease_frame[n]);
            if                                    /* a consumer may keep it */
            :: end_lease(n)
            :: skip
            fi;
            goto next
        :: !got && tries < 2 -> tries++; goto retry
        :: else -> contended = true               /* being written, or given back: look again */
        fi
    :: else -> skip
    fi;
wait:
#ifndef BREAK_waiting_flag
    waiting = true;
    if
    :: newer && state[latest_slot] == PUBLISHED && !held[latest_slot] -> waiting = false; goto next
    :: else -> skip
    fi;
#else
    if
    :: newer && state[latest_slot] == PUBLISHED && !held[latest_slot] -> goto next
    :: else -> skip
    fi;
    waiting = true;
#endif
end_wait:
    if
    :: event -> event = false; waiting = false; goto next
#ifndef BREAK_contended_look
    :: contended -> waiting = false; goto next    /* the short deadline of a contended wait */
#endif
    :: !alive[generation] ->
        waiting = false;
        if                                        /* published before the death: still handed out */
        :: newer && state[latest_slot] == PUBLISHED && !held[latest_slot] -> goto next
        :: else -> skip
        fi;
        if
        :: generation < GENERATIONS - 1 ->
            atomic { generation++; last_seq = 0; alive[generation] = true };
            run Driver(generation);               /* leases of the old ring go on */
            goto next
        :: else -> skip
        fi
    fi;
    end_lease(0);
    end_lease(1);
    host_done = true
}

active proctype Killer()
{
    byte g;
    for (g : 0 .. GENERATIONS - 1) {
end_spare:
        if
        :: alive[g] -> alive[g] = false
        :: alive[g] -> break                      /* this one is never killed */
        fi
    }
}

/* When nothing moves any more: the host took the newest frame (no lost wake-up), and after its end
 * no slot is held (no lost slot). */
active proctype Judge()
{
    byte i;
end_judge:
    timeout;
    assert(host_done || !newer);
    if
    :: host_done ->
        for (i : 0 .. SLOTS - 1) {
            assert(!held[i])
        }
    :: else -> skip
    fi
}

init {
    atomic { alive[0] = true; run Driver(0); run Host() }
}
