/* The life of monitors: host/monitor, host/device and the sessions of several hosts over one
 * driver's table. docs/model.md says what is left out and how the tests tie the code to this.
 *
 * The driver dies and comes back, a connection is cut around any request, a stopped driver is
 * given up and met again, the second host is killed, all between any two steps. What the code does
 * under a lock is one step where no control call lies in it; every control call is a step.
 *
 * A piece under BREAK_name is a fault: with -DBREAK_name the search must report an error. Its
 * comment opens with the configuration that finds it.
 */
#ifndef LIVES
#define LIVES 2            /* driver processes, one after the other; the last stays */
#endif
#ifndef STOPS
#define STOPS 1            /* times that a session gives a living driver up as unresponsive */
#endif
#ifndef CUTS
#define CUTS 1             /* connections that break around a request, the driver living on */
#endif
#ifndef DOUBTS
#define DOUBTS 1           /* times that a session distrusts its monitor, the driver living on */
#endif
#ifndef RESIZES
#define RESIZES 0          /* by re-arrival */
#endif
#ifndef LATES
#define LATES 0            /* requests that a stopped driver serves after their deadline */
#endif
#ifndef PINS
#define PINS 0             /* times that the first client's monitor is pinned and let loose */
#endif

/* Clients: the first host has 0 and 1, the second has 2 (and 3, which nobody asks for). Sessions: 0
 * and 1 share client 0, 2 has 1, 3 has 2.
 */
#define HOSTS 2
#ifndef SESSIONS
#define SESSIONS 15        /* a set of bits */
#endif
#define host_of(s) (s / 2)
#define client_of(x) (x < 2 -> 0 : x - 1)

#define KILL 0
#define START 1
#define REOPEN_OK 2
#define REOPEN_FAILED 3
#define ACQUIRE_OK 4
#define ACQUIRE_FAILED 5
#define ATTACH 6
#define DETACH 7
#define RELEASE 8
#define DOUBT 9
#define RETIRE 10
#define PIN 11
#define LET_LOOSE 12
#define EXPIRE 13
#ifdef CALLS
c_decl {
static const char *const call_names[] = {
    "kill", "start", "reopen:ok", "reopen:failed", "acquire:ok", "acquire:failed", "attach",
    "detach", "release", "doubt", "retire", "pin", "let_loose", "expire"};
}
#endif
#include "calls.pml"

/* HOST_DIES: the second host is killed. ONE_PROCESS: the two are two devices of one process, which
 * is one owner to the driver.
 */

/* ------------------------------------------------------------------------------- the driver */

byte life;                 /* which driver process */
bool up = true;
byte table[HOSTS];         /* MonitorTable: an owner's session ids, a set of bits */

/* --------------------------------------------------------------------------------- the hosts */

/* Connections of a host to this driver process, numbered from 1. */
#define CONNECTIONS (STOPS + CUTS + 1)
#define NONE 0
#define DEAD 7             /* to a driver process that is gone */
byte made[HOSTS];
byte current[HOSTS];       /* ControlDevice */
byte pinged[HOSTS];        /* a retired connection that its pinger has not let go yet */
#define OPEN 0
#define RETIRED 1          /* the host uses it no more; open until its last user lets go */
#define CUT 2              /* closed at the driver too */
byte link[6];              /* by connection: its state */
#define link_of(h, c) link[(h) * 3 + (c) - 1]

bool host_dead[HOSTS];
byte stops = STOPS, cuts = CUTS, doubts = DOUBTS, resizes = RESIZES;

/* The driver at the other end still answers. */
#define reaches(h, c) ((c) != NONE && (c) != DEAD && link_of(h, c) != CUT)
/* DriverConnection::usable */
#define usable(h, c) (reaches(h, c) && link_of(h, c) == OPEN)

#define working(h) (usable(h, current[h]) -> current[h] : NONE)

/* MonitorSlot, by client */
#define IDLE 0
#define ACTIVE 1
#define LINGERING 2
#define PINNED 3
byte state[4];
bool locked[4];
bool pinned[4];
byte references[4];
byte conn[4];        /* monitor.connection */
bool named[4];       /* monitor.session_id is set, and is */
byte name[4];        /* one of three; hosts use the same numbers */
byte unremoved[HOSTS];     /* session ids that may be left in a driver */
#define bit(s) (1 << (((s) % 2) * 3 + name[s]))
#define ids_of(s) (7 << (((s) % 2) * 3))

/* MonitorManager::alive */
#define lives(s) (conn[s] == current[host_of(s)] && usable(host_of(s), conn[s]))

/* MonitorLease. FRESH is one of the slot's generation, STALE one of an earlier. */
#define NO_LEASE 0
#define FRESH 1
#define STALE 2
byte lease[4];             /* LiveSession::lease_, by session */
byte older[4];             /* the one before it, while it is replaced */
byte attached[4];          /* the connection that a session's attachment keeps open */
bool finished[4];
byte hand[6];              /* the connection that a call is made on: by session, then by timer */

/* --------------------------------------------------------------------------- what must hold */

#define fresh(s, x) ((client_of(x) == (s) && lease[x] == FRESH -> 1 : 0) + \
                     (client_of(x) == (s) && older[x] == FRESH -> 1 : 0))
#define leases_of(s) (fresh(s, 0) + fresh(s, 1) + fresh(s, 2) + fresh(s, 3))
#define own(s) (state[s] != IDLE && named[s] -> bit(s) : 0)

/* No monitor of a living driver was taken from a client that has one there. */
#define there(s) (locked[s] || state[s] == IDLE || !lives(s) || (table[host_of(s)] & bit(s)))
/* No monitor is left over from a client that has none, or another by now. */
#define no_more(s) (locked[s] || host_dead[host_of(s)] || \
    !(table[host_of(s)] & ids_of(s) & ~own(s) & ~unremoved[host_of(s)]))
/* A monitor is in use exactly as long as somebody has a lease that counts. */
#define counted(s) (locked[s] || host_dead[host_of(s)] || \
    (references[s] == leases_of(s) && (state[s] == ACTIVE) == (references[s] > 0)))

bool in_use_stays, none_left_over, leases_counted;   /* names for the report; never true */

active proctype Judge()
{
end_well:
    if
    :: !(there(0) && there(1) && there(2)) -> assert(in_use_stays)
    :: !(no_more(0) && no_more(1) && no_more(2)) -> assert(none_left_over)
    :: !(counted(0) && counted(1) && counted(2)) -> assert(leases_counted)
    fi
}

/* ------------------------------------------------------------------------- driver: an owner */

#define keeps(h, c) reaches(h, c)
#define connected(h) (keeps(h, current[h]) || keeps(h, pinged[h]) || \
    (h == 0 && (keeps(0, conn[0]) || keeps(0, conn[1]) || keeps(0, attached[0]) || \
                keeps(0, attached[1]) || keeps(0, attached[2]) || keeps(0, hand[0]) || \
                keeps(0, hand[1]) || keeps(0, hand[2]) || keeps(0, hand[4]))) || \
    (h == 1 && (keeps(1, conn[2]) || keeps(1, attached[3]) || keeps(1, hand[3]) || \
                keeps(1, hand[5]))))

#if LATES > 0
/* One is queued, on a connection of a host: what it will take from the table. (A late Add has its
 * Remove behind it.)
 */
byte lates = LATES;
byte late_of, late_on, late_bits;
#define late(h) (late_of == (h) -> late_bits : 0)
#define forget_late(h) late_bits = late_bits - late(h)
#define LATES_HAPPENED (LATES - lates)
#else
#define LATES_HAPPENED 0
#define late(h) 0
#define forget_late(h) skip
#endif

/* A user let go of a connection. IoctlServer::close: the owner's last one? */
inline let_go(h) {
    if
#ifdef ONE_PROCESS
    :: !connected(0) && !connected(1) ->
        table[0] = 0; table[1] = 0; forget_late(0); forget_late(1)
#else
#ifndef BREAK_owner_gone   /* hosts: the driver does not look after its hosts */
    :: !connected(h) -> table[h] = 0; forget_late(h)
#endif
#endif
    :: else -> skip
    fi
}

/* Dispatcher::remove. Session ids are an owner's own. */
inline remove(h, bits) {
#ifdef BREAK_owner_check   /* hosts: the first monitor of that session id goes */
    if
    :: (table[0] & (bits)) -> table[0] = table[0] & ~(bits)
    :: else -> table[1] = table[1] & ~(bits)
    fi
#else
    table[h] = table[h] & ~(bits)
#endif
}

#if LATES > 0
inline serve_late() {
    remove(late_of, late_bits);
    late_bits = 0
}
#endif

/* A control call on connection c of host h: does it arrive, is it answered. Served late it takes
 * `bits` from the table.
 */
inline control(h, c, bits) {
#if LATES > 0
    if
    :: late(h) && late_on == (c) && reaches(h, c) -> serve_late()     /* in order */
    :: else -> skip
    fi;
#endif
    if
    :: !reaches(h, c) -> served = false; answered = false
    :: reaches(h, c) -> served = true; answered = true
    :: reaches(h, c) && cuts > 0 ->
        served = false; answered = false; cuts--; link_of(h, c) = CUT
    :: reaches(h, c) && cuts > 0 ->
        served = true; answered = false; cuts--; link_of(h, c) = CUT
#if LATES > 0
    :: reaches(h, c) && lates > 0 && (bits) ->
        served = false; answered = false;
        lates--; late_of = h; late_on = c; late_bits = bits
#endif
    fi
}

inline die() {
    up = false;
    table[0] = 0; table[1] = 0; forget_late(0); forget_late(1);
    made[0] = 0; made[1] = 0; pinged[0] = NONE; pinged[1] = NONE;
    current[0] = (current[0] -> DEAD : NONE); current[1] = (current[1] -> DEAD : NONE);
    conn[0] = (conn[0] -> DEAD : NONE); conn[1] = (conn[1] -> DEAD : NONE);
    conn[2] = (conn[2] -> DEAD : NONE);
    attached[0] = (attached[0] -> DEAD : NONE); attached[1] = (attached[1] -> DEAD : NONE);
    attached[2] = (attached[2] -> DEAD : NONE); attached[3] = (attached[3] -> DEAD : NONE);
    hand[0] = (hand[0] -> DEAD : NONE); hand[1] = (hand[1] -> DEAD : NONE);
    hand[2] = (hand[2] -> DEAD : NONE); hand[3] = (hand[3] -> DEAD : NONE);
    hand[4] = (hand[4] -> DEAD : NONE); hand[5] = (hand[5] -> DEAD : NONE);
    link[0] = 0; link[1] = 0; link[2] = 0; link[3] = 0; link[4] = 0; link[5] = 0
}

/* ------------------------------------------------------------------- host/device: one device */

/* ControlDevice::retire */
inline retire(h, c) {
    if
    :: (c) != NONE && (c) == current[h] ->
        if
        :: usable(h, c) -> link_of(h, c) = RETIRED; pinged[h] = c
        :: else -> skip
        fi;
        current[h] = NONE;
        let_go(h)
    :: else -> skip
    fi
}

/* ControlDevice::reopen: one attempt of discovery and handshake, unless somebody was faster. */
inline reopen(h) {
    if
    :: usable(h, current[h]) -> ok = true
    :: else ->
        retire(h, current[h]);
        if
        :: up ->
            made[h]++;
            assert(made[h] <= CONNECTIONS);
            current[h] = made[h];
            link_of(h, current[h]) = OPEN;
#ifdef BREAK_clear_on_reopen /* devices: as on the first open */
            table[0] = 0; table[1] = 0;           /* Dispatcher::clear_all: the owner's own */
#endif
            ok = true
        :: !up -> ok = false
        fi
    fi
}

/* ---------------------------------------------------------- host/monitor: under a slot's lock */

inline new_generation(s) {
    if :: client_of(0) == s && lease[0] == FRESH -> lease[0] = STALE :: else -> skip fi;
    if :: client_of(0) == s && older[0] == FRESH -> older[0] = STALE :: else -> skip fi;
    if :: client_of(1) == s && lease[1] == FRESH -> lease[1] = STALE :: else -> skip fi;
    if :: client_of(1) == s && older[1] == FRESH -> older[1] = STALE :: else -> skip fi;
    if :: client_of(2) == s && lease[2] == FRESH -> lease[2] = STALE :: else -> skip fi;
    if :: client_of(2) == s && older[2] == FRESH -> older[2] = STALE :: else -> skip fi;
    if :: client_of(3) == s && lease[3] == FRESH -> lease[3] = STALE :: else -> skip fi;
    if :: client_of(3) == s && older[3] == FRESH -> older[3] = STALE :: else -> skip fi
}

/* Removals::send */
inline flush(h) {
    if
    :: unremoved[h] && usable(h, current[h]) ->
        control(h, current[h], unremoved[h]);
        if
        :: served -> remove(h, unremoved[h])
        :: !served -> skip
        fi;
        if
        :: answered -> unremoved[h] = 0
        :: !answered -> skip
        fi
    :: else -> skip
    fi
}

/* MonitorManager::let_go */
inline forget(s, h) {
    if
    :: named[s] && conn[s] != DEAD -> unremoved[h] = unremoved[h] | bit(s)
    :: else -> skip                               /* it went with its driver */
    fi;
    conn[s] = NONE; named[s] = false; name[s] = 0
}

#ifdef BREAK_new_name      /* late: a monitor comes back under the id that it had */
#define keeps_name(s) named[s]
#else
#define keeps_name(s) false
#endif

/* MonitorManager::add: what the client had before goes, then the connection is chosen. */
inline make_room(s, h, on) {
    if
    :: keeps_name(s) -> conn[s] = NONE
    :: else -> forget(s, h)
    fi;
    flush(h);
    let_go(h);
    on = working(h)
}

/* The Add itself: Dispatcher::plug, and its answer. It has an id that was never used; the model
 * takes the first that nobody knows.
 */
inline add(s, h, c) {
    if
    :: named[s] -> skip
    :: !named[s] ->
        name[s] = 0;
        do
        :: bit(s) & (table[h] | unremoved[h] | late(h)) -> name[s]++; assert(name[s] < 3)
        :: else -> break
        od
    fi;
    control(h, c, bit(s));
    if
    :: served -> table[h] = table[h] | bit(s)
    :: !served -> skip
    fi;
    if
    :: answered -> named[s] = true; conn[s] = c; ok = true
    :: !answered ->
        ok = false;
#ifndef BREAK_add_remembered /* devices: nobody looks after an Add whose answer was lost */
        if
        :: !keeps_name(s) && (c) != NONE && (c) != DEAD -> unremoved[h] = unremoved[h] | bit(s)
        :: else -> skip
        fi;
#endif
        if
        :: keeps_name(s) -> skip
        :: else -> name[s] = 0
        fi
    fi;
    let_go(h)
}

/* MonitorManager::depart */
inline depart(s, h) {
#ifdef BREAK_depart_remembered /* clients: a monitor that is not reached now is forgotten */
    if
    :: lives(s) ->
        control(h, current[h], bit(s));
        if
        :: served -> remove(h, bit(s))
        :: !served -> skip
        fi
    :: !lives(s) -> skip
    fi;
    conn[s] = NONE; named[s] = false; name[s] = 0;
#else
    forget(s, h);
    flush(h);
#endif
    state[s] = IDLE;
    references[s] = 0;
    new_generation(s);
    let_go(h)
}

/* on_release with no reference left, and settle; linger_ns is any. */
inline settle(s, h) {
    if
    :: pinned[s] -> state[s] = PINNED
    :: !pinned[s] -> state[s] = LINGERING
    :: !pinned[s] -> depart(s, h)
    fi
}

/* MonitorManager::release; `which` is the lease. */
inline release(s, h, which) {
    if
#ifdef BREAK_lease_generation /* deaths: the end of a stale lease counts */
    :: which != NO_LEASE && references[s] > 0 ->
#else
    :: which == FRESH && references[s] > 0 ->
#endif
        references[s]--;
        which = NO_LEASE;
        if
        :: references[s] == 0 -> settle(s, h)
        :: else -> skip
        fi
    :: else -> which = NO_LEASE
    fi
}

/* on_acquire, and what of it needs no driver. `ok`: joined; else a new monitor has to be added. */
inline find(x, s) {
    if
#ifdef BREAK_liveness_check /* deaths: a monitor is joined without a look at its driver */
    :: state[s] != IDLE ->
#else
    :: state[s] != IDLE && lives(s) ->
#endif
        assert(lives(s));                         /* one of a living driver, or none */
        state[s] = ACTIVE;
        references[s]++;
        older[x] = lease[x]; lease[x] = FRESH;
        ok = true
    :: else -> ok = false
    fi
}

inline granted(x, s) {
    new_generation(s);
#ifndef BREAK_references_reset /* deaths: the leases of the lost monitor still count */
    references[s] = 0;
#endif
    state[s] = ACTIVE;
    references[s]++;
    older[x] = lease[x]; lease[x] = FRESH
}

#ifndef CALLS
/* ------------------------------------------------------------------ host/session: one session */

#define troubles (life + (up -> 0 : 1) + (STOPS - stops) + (CUTS - cuts) + \
                  (DOUBTS - doubts) + LATES_HAPPENED)

proctype Session(byte x)
{
    byte s = client_of(x), h = host_of(client_of(x)), tries = 0;
    bool ok = false, served = false, answered = false, opening = true;
    {
        skip;
establish:                                        /* LiveSession::establish_once */
        atomic { reopen(h) }
        if
        :: !opening -> goto close                 /* closed while it rebuilds */
        :: !ok && opening -> goto close           /* no driver: Session::open fails */
        :: !ok && !opening && up -> goto establish
        :: !ok && !opening && !up ->              /* the budget, or the driver's return */
            if
            :: goto close
            :: up -> goto establish
            fi
        :: ok -> skip
        fi;
        atomic {                                  /* MonitorManager::acquire */
            !locked[s] ->
            locked[s] = true;
            find(x, s);
            if
            :: ok -> locked[s] = false
            :: !ok -> skip
            fi
        }
        if
        :: ok -> skip
        :: !ok ->
            atomic { make_room(s, h, hand[x]) }
            atomic {
                add(s, h, hand[x]);
                hand[x] = NONE;
                if
                :: ok -> granted(x, s)
                :: !ok -> skip
                fi;
                locked[s] = false
            }
            if
            :: ok -> skip
            :: !ok -> goto failed
            fi
        fi;
        atomic { !locked[s] -> locked[s] = true }
        atomic { release(s, h, older[x]); locked[s] = false }
        atomic {                                  /* Feed::attach */
            !locked[s] ->
            served = false;
            if
            :: lease[x] == FRESH -> control(h, conn[s], 0)
            :: else -> answered = false
            fi;
            if
            :: answered && (table[h] & bit(s)) -> attached[x] = conn[s]; ok = true
            :: answered && !(table[h] & bit(s)) -> conn[s] = NONE; ok = false
            :: !answered -> ok = false
            fi;
            let_go(h)
        }
        if
        :: ok -> tries = 0; opening = false; goto streaming
        :: !ok -> goto failed
        fi;
failed:                                           /* LiveSession::establish */
        tries++;
        if
#ifndef BREAK_second_attempt /* deaths: the device going away under the call is the end */
        :: tries < 2 -> goto establish
        :: tries == 2 && opening -> assert(troubles > 1); goto close
#else
        :: opening -> assert(troubles > 1); goto close
        :: tries < 2 && !opening -> goto establish
#endif
        :: tries == 2 && !opening -> tries = 0; goto establish
        :: tries == 2 && !opening -> goto close   /* the budget */
        fi;
streaming:
        if
        :: goto close
        :: atomic { !usable(h, attached[x]) -> retire(h, attached[x]) }
        :: atomic { stops > 0 && usable(h, attached[x]) -> stops--; retire(h, attached[x]) }
        :: atomic { doubts > 0 && lease[x] == FRESH && !locked[s] && lives(s) ->
            doubts--; conn[s] = NONE; let_go(h) }
        :: lease[x] == STALE -> skip              /* another session was faster */
#if RESIZES > 0
        :: atomic { resizes > 0 && lease[x] == FRESH && !locked[s] && lives(s) ->
            resizes--; locked[s] = true }
            atomic {                              /* MonitorManager::re_arrive */
                control(h, conn[s], bit(s));
                if
                :: served -> remove(h, bit(s))
                :: !served -> skip
                fi;
                ok = answered;
                if
                :: ok -> named[s] = false; name[s] = 0
                :: !ok -> conn[s] = NONE          /* lost */
                fi;
                let_go(h)
            }
            if
            :: ok -> atomic { make_room(s, h, hand[x]) }
                atomic { add(s, h, hand[x]); hand[x] = NONE }
                if
                :: ok -> skip
                :: !ok ->                         /* the old mode */
                    atomic { make_room(s, h, hand[x]) }
                    atomic { add(s, h, hand[x]); hand[x] = NONE }
                fi
            :: !ok -> skip
            fi;
            atomic { locked[s] = false }
#endif
        fi;
        goto establish;
close:
        hand[x] = NONE; ok = false; opening = false; tries = 0;
        if
        :: atomic { attached[x] = NONE; let_go(h) }
        :: skip
        fi;
        atomic { !locked[s] -> locked[s] = true }
        atomic { release(s, h, lease[x]); locked[s] = false }
        atomic {
            attached[x] = NONE; let_go(h); finished[x] = true; served = false; answered = false }
    } unless { host_dead[h] }
}

/* ------------------------------------------- host/monitor: the manager's own thread, its end */

#define done(h) (h == 0 -> finished[0] && finished[1] && finished[2] : finished[3])
#define kept(s) (state[s] == LINGERING || state[s] == PINNED)
#define missed(s) (kept(s) && !lives(s) && up)

inline expire(s, h) {
    atomic { depart(s, h); locked[s] = false }
}

inline return_kept(s, h) {
    atomic { reopen(h) }
    if
    :: ok ->
        atomic { make_room(s, h, hand[4 + h]) }
        atomic {
            add(s, h, hand[4 + h]);
            hand[4 + h] = NONE;
            if
            :: ok -> new_generation(s)
            :: !ok -> skip
            fi
        }
    :: !ok -> skip
    fi;
    atomic { locked[s] = false; ok = false }
}

#define TAKE(s) atomic { !locked[s] -> locked[s] = true }
#ifdef BREAK_linger_look   /* deaths: what lingers is looked up before the lock is taken */
#define TAKE_LINGERING(s) state[s] == LINGERING -> TAKE(s)
#else
#define TAKE_LINGERING(s) atomic { state[s] == LINGERING && !locked[s] -> locked[s] = true }
#endif
#ifdef BREAK_kept_return   /* pins: a kept monitor waits for somebody who wants it */
#define TAKE_MISSED(s) false
#else
#define TAKE_MISSED(s) atomic { missed(s) && !locked[s] -> locked[s] = true }
#endif

proctype Timer(byte h)
{
    byte s = 0;
    bool ok = false, served = false, answered = false;
    {
        do                                        /* MonitorManager::tick */
        :: TAKE_LINGERING(h * 2) -> expire(h * 2, h)
        :: TAKE_LINGERING(h * 2 + 1) -> expire(h * 2 + 1, h)
        :: TAKE_MISSED(h * 2) -> return_kept(h * 2, h)
        :: TAKE_MISSED(h * 2 + 1) -> return_kept(h * 2 + 1, h)
        :: atomic { unremoved[h] && usable(h, current[h]) -> flush(h); let_go(h) }
        :: atomic { pinged[h] -> pinged[h] = NONE; let_go(h) }
        :: done(h) && !missed(h * 2) && !missed(h * 2 + 1) &&
            !(unremoved[h] && usable(h, current[h])) -> break
        od;
        /* MonitorManager::~MonitorManager, then ~ControlDevice */
        s = h * 2;
        do
        :: s < h * 2 + 2 ->
            if
            :: state[s] != IDLE -> locked[s] = true; expire(s, h)
            :: state[s] == IDLE -> skip
            fi;
            s++
        :: else -> break
        od;
        if
        :: unremoved[h] -> atomic { reopen(h); flush(h); let_go(h) }   /* Removals::send_at_last */
        :: else -> skip
        fi;
        atomic { retire(h, current[h]); pinged[h] = NONE; let_go(h) }
#ifdef ONE_PROCESS         /* the other device may keep the owner; what got lost is known */
        assert((table[h] & ~unremoved[h]) == 0);
#else
        assert(table[h] == 0);
#endif
        assert(!host_dead[1] || table[1] == 0)
    } unless { host_dead[h] }
}

/* --------------------------------------------------------------------------- who makes it hard */

active proctype Driver()
{
end_serving:
    do
    :: atomic { up && life < LIVES - 1 -> die() }
    :: atomic { !up -> up = true; life++ }
#if LATES > 0
    :: atomic { late_bits -> serve_late() }
#endif
#ifdef HOST_DIES
    :: atomic { !host_dead[1] ->
        host_dead[1] = true;
        current[1] = NONE; pinged[1] = NONE; conn[2] = NONE; attached[3] = NONE;
        let_go(1);
        state[2] = IDLE; locked[2] = false; references[2] = 0; named[2] = false; name[2] = 0;
        lease[3] = NO_LEASE; older[3] = NO_LEASE; unremoved[1] = 0
        }
#endif
    od
}

#if PINS > 0
active proctype User()     /* MonitorManager::pin of client 0 */
{
    byte pins = PINS;      /* left; then it may stay as it is */
    bool served = false, answered = false;
end_user:
    do
    :: atomic { pins > 0 && !locked[0] && state[0] != IDLE && !pinned[0] ->
        pins--;
        pinned[0] = true;
        state[0] = (state[0] == LINGERING -> PINNED : state[0]); }
    :: atomic { pinned[0] && !locked[0] ->
        pinned[0] = false;
        if
        :: state[0] == PINNED -> settle(0, 0)
        :: else -> skip
        fi; }
    :: pins == 0 -> break
    od
}
#endif

#else /* CALLS */

/* -------------------------------------------------- the first host's calls, each a single step */

c_code {
static int bits_of(int set)
{
    int count = 0;
    for (; set != 0; set &= set - 1) {
        ++count;
    }
    return count;
}

static int works(int c)
{
    return c != NONE && c != DEAD && now.link[c - 1] == OPEN;
}

/* Driver, its monitors, the device; each client; each session's lease. */
void seen(char *text)
{
    int s, x, n = sprintf(text, "%c%d%c", now.up ? 'u' : 'd', bits_of(now.table[0]),
                          works(now.current[0]) ? 'c' : '-');
    for (s = 0; s < 2; ++s) {
        n += sprintf(text + n, ",%c%d%c", "ialp"[now.state[s]],
                     now.references[s], now.state[s] != IDLE && now.pinned[s] ? '!' : '-');
    }
    for (x = 0; x < 3; ++x) {
        s = x < 2 ? 0 : 1;
        n += sprintf(text + n, ",%c", now.lease[x] == NO_LEASE ? '-' :
                     now.lease[x] == STALE ? 's' :
                     now.conn[s] == now.current[0] && works(now.conn[s]) ? 'L' : 'f');
    }
}
}

/* The manager's thread, until it has nothing to do. */
#define kept(s) (state[s] == LINGERING || state[s] == PINNED)
#define missed(s) (kept(s) && !lives(s) && up)
inline return_kept(s) {
    reopen(0);
    make_room(s, 0, hand[4]);
    add(s, 0, hand[4]);
    hand[4] = NONE;
    if
    :: ok -> new_generation(s)
    :: !ok -> skip
    fi
}
inline settle_down() {
    do
    :: missed(0) -> return_kept(0)
    :: missed(1) -> return_kept(1)
    :: unremoved[0] && usable(0, current[0]) -> flush(0); let_go(0)
    :: else -> break
    od;
    if
    :: pinged[0] -> pinged[0] = NONE; let_go(0)
    :: pinged[0] -> skip
    :: else -> skip
    fi;
    served = false; answered = false
}

active proctype Anyone()
{
    byte x = 0, s = 0;
    bool ok = false, served = false, answered = false;
    atomic { reopen(0); ok = false }              /* ControlDevice::open */
end_done:
    do
    :: atomic { up && life < LIVES - 1 -> die(); settle_down(); EDGE(KILL) }
    :: atomic { !up -> up = true; life++; settle_down(); EDGE(START) }
    :: atomic { true ->
        reopen(0);
        if
        :: ok -> settle_down(); EDGE(REOPEN_OK)
        :: !ok -> settle_down(); EDGE(REOPEN_FAILED)
        fi;
        ok = false }
    :: atomic { stops > 0 && usable(0, current[0]) ->
        stops--; retire(0, current[0]); settle_down(); EDGE(RETIRE) }
    :: atomic {
        true ->
        if :: x = 0 :: x = 1 :: x = 2 fi;
        s = client_of(x);
        if
        :: true ->                                /* acquire; the lease before it ends */
            find(x, s);
            if
            :: ok -> skip
            :: !ok ->
                make_room(s, 0, hand[x]);
                add(s, 0, hand[x]);
                hand[x] = NONE;
                if
                :: ok -> granted(x, s)
                :: !ok -> skip
                fi
            fi;
            if
            :: ok -> release(s, 0, older[x]); settle_down(); EDGE(ACQUIRE_OK)
            :: !ok -> settle_down(); EDGE(ACQUIRE_FAILED)
            fi
        :: lease[x] == FRESH && reaches(0, conn[s]) ->
            attached[x] = conn[s]; let_go(0); settle_down(); EDGE(ATTACH)
        :: attached[x] != NONE -> attached[x] = NONE; let_go(0); settle_down(); EDGE(DETACH)
        :: lease[x] != NO_LEASE -> release(s, 0, lease[x]); settle_down(); EDGE(RELEASE)
        :: lease[x] == FRESH && doubts > 0 ->
            doubts--; conn[s] = NONE; let_go(0); settle_down(); EDGE(DOUBT)
        fi;
        x = 0; s = 0; ok = false
        }
    :: atomic { state[0] != IDLE && !pinned[0] ->
        pinned[0] = true;
        state[0] = (state[0] == LINGERING -> PINNED : state[0]);
        settle_down();
        EDGE(PIN) }
    :: atomic { state[0] != IDLE && pinned[0] ->
        pinned[0] = false;
        if
        :: state[0] == PINNED -> settle(0, 0)
        :: else -> skip
        fi;
        settle_down();
        EDGE(LET_LOOSE) }
    :: atomic { state[0] == LINGERING || state[1] == LINGERING ->
        if
        :: state[0] == LINGERING -> depart(0, 0)
        :: else -> skip
        fi;
        if
        :: state[1] == LINGERING -> depart(1, 0)
        :: else -> skip
        fi;
        settle_down();
        EDGE(EXPIRE) }
    od
}
#endif

#ifndef CALLS
init {
    atomic {
        finished[0] = !(SESSIONS & 1); finished[1] = !(SESSIONS & 2);
        finished[2] = !(SESSIONS & 4); finished[3] = !(SESSIONS & 8);
        if :: (SESSIONS & 1) -> run Session(0) :: else -> skip fi;
        if :: (SESSIONS & 2) -> run Session(1) :: else -> skip fi;
        if :: (SESSIONS & 4) -> run Session(2) :: else -> skip fi;
        if :: (SESSIONS & 8) -> run Session(3) :: else -> skip fi;
        run Timer(0);
        run Timer(1)
    }
}
#endif
