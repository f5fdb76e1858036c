/*
 * How the nodes that share a directory in Redis (lib/storage/redis) claim one name: who holds it, under which number,
 * and who learns of that (CONF-5, CONF-8). tests/protocol/check.sh searches all that this model can do.
 *
 * Two nodes, one name, SESSIONS sessions: the second at the second node, all others at the first one. FAULTS faults at
 * any time: a connection breaks with commands under way, each of which was done, is done at any later time (LATE of
 * them), or never; an answer of the registry is lost; the leases of a node end (it was stopped); a node is killed and
 * started again; a server is restarted and has lost its data, that with the account, that with the registry, or both.
 * Messages are lost, or come at any time, and are no faults.
 *
 * A session, as its node has it (record.c):
 *
 *     START -> WAITING -> CLAIMING -> CLAIMED ---granted---> HELD <-> CHECKING -> CHECKED
 *                 ^  \                   |  \ refused          | evicted, unbound   | lost, or unbound meanwhile
 *                 |   refused: OVER      |   OVER              v                    v
 *                 +---- ASKED <- ASKING <+                 RELEASING -> RELEASED -> OVER
 *
 * CLAIMING, CHECKING: the command is sent; CLAIMED, CHECKED, RELEASED: it is done, and its answer is under way. A break
 * leads back to WAITING, HELD or RELEASING. ASKED: the registry was asked since.
 *
 * Safety, by assertions:
 *     NUMBER   each number granted is greater than all that were granted before, over a loss of data too;
 *     BELIEF   no two sessions are believed to hold the name under one number;
 *     ORDER    what is held is overwritten by a greater number only;
 *     SECURE   the name of a session which its node was told it holds, under an incarnation that lives, is held in Redis
 *              by a living incarnation of that node, unless it was taken with word to the node, or data was lost since;
 *     EVICTED  what another node took is never held again by whom it was taken from, unless data was lost since;
 *     DEAD     what a node takes for dead is dead, and no node ends an incarnation by which a session of its holds.
 * Liveness, without any fairness but that what can be done is not left undone for ever: once faults have stopped, all
 * comes to rest, and then for ever
 *     every client has its answer; one session at most is believed to hold the name; and, after all clients have left, the
 *     name is free, or held by an incarnation that does not live.
 *
 * Left out: time (leases end as a fault; those that nobody renews end some time; what a node knows to live may have
 * ended); the greatest number seen by the caller (it protects against a clock that is set back; here Redis's clock goes
 * on); registrations that are done late (nobody uses the incarnation); more than four former incarnations of a node, and
 * its leaving; marks and keys that expire; limits per account, lists and other names; a bounded number of releases;
 * redirections; a replica that takes over without the last writes (which would be a loss of a part of the data).
 *
 * Protections, by whose names the model can be built without one of them, and then has to fail:
 *     NO_MARK           who takes a claim leaves no mark, only a message
 *     NO_CHECK          a node does not check what it holds while its incarnation lives
 *     RELEASE_ANY       a release does not look at the number
 *     RELEASE_ONCE      a release whose answer was lost is not repeated
 *     SAME_INCARNATION  after a break a node goes on under its incarnation
 *     LATE_HOLD         a hold that comes late moves the claim back to a former incarnation
 *     HOLD_WINS         a hold wins over a greater number
 *     NO_CLOCK          numbers do not look at the clock
 *     READ_BEFORE       whom a registry that was read before the question does not list counts as dead
 *     RENEW_ENDED       a renewal brings back a lease that has ended
 *     END_EARLY         former incarnations are ended before all is held under the current one
 *     OLDEST_HELD       of two sessions that it believes to hold the name a node names the older one in a claim (this takes
 *                       four sessions, so check.sh does not look for it)
 */
#ifndef SESSIONS
#define SESSIONS 2
#endif
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef LATE
#define LATE 1
#endif
#define LAST (SESSIONS - 1)
#define at(session) ((session) == 1) /* its node */

/* Incarnations are bits, the later the higher: those of the first node 1, 2, 4, 8, those of the second 16 to 128. */
#define INCARNATIONS 4
#define node_of(incarnation) ((incarnation) >= 16)
#define all_of(node) ((node) -> 240 : 15)
#define is_of(incarnation, node) ((incarnation) != 0 && node_of(incarnation) == (node))

mtype = { START, WAITING, CLAIMING, CLAIMED, ASKING, ASKED, HELD, CHECKING, CHECKED, RELEASING, RELEASED, OVER };
mtype = { NOTHING, GRANTED, CONFLICT, ASK, TOO_LATE, STILL_HELD, LOST };
mtype = { CLAIM, HOLD, RELEASE };

/* --- Redis: the account and the registry --- */

byte entry;            /* the number under which the name is held, or 0 */
byte holder;           /* the incarnation that holds it */
byte last;             /* the greatest number given; after a loss of data, by the clock */
bool marked[SESSIONS]; /* it was evicted and has not acknowledged it; in Redis by its number */
byte alive;            /* the incarnations in the registry */
byte made[2];          /* how many each node had */

/* --- nodes --- */

byte current[2]; /* incarnation, or 0 */
byte former[2];
byte dead[2];   /* known to be */
bool asked[2];  /* an answer of the registry is under way: */
byte listed[2]; /* who lives */
byte fresh[2];  /* the new incarnation, or 0 */

/* --- sessions --- */

mtype phase[SESSIONS] = START;
bool client[SESSIONS];             /* waits for its answer, or has the name */
byte number[SESSIONS];             /* of the claim */
byte under[SESSIONS];              /* the incarnation under which the last command was sent, 0: it has to be sent again */
byte sure[SESSIONS];               /* the incarnation under which it is held as far as its node was told */
byte beside[SESSIONS];             /* CLAIMING: the number under which its node held the name, or 0 */
mtype answer[SESSIONS] = NOTHING;  /* under way */
byte detail[SESSIONS];             /* of the answer: the claim of its own node that ended. ASKING: an incarnation */
bool early[SESSIONS];              /* CLAIMED: the message of its eviction overtook the answer */
bool mail[SESSIONS];               /* a message of its eviction is under way */

/* --- commands of broken connections --- */

mtype late_kind[LATE] = NOTHING;
byte late_session[LATE], late_number[LATE], late_incarnation[LATE], late_beside[LATE];

/* --- the world, and what only the invariants look at --- */

#define SURE 0
#define UNSURE 1 /* it was taken by its own node, or data was lost */
#define TAKEN 2  /* by the other node */
byte fate[SESSIONS];
byte greatest; /* number granted */
byte faults = FAULTS;
bool calm;    /* faults have stopped */
bool leaving; /* and all clients leave */

#define has_record(k) (phase[k] == HELD || phase[k] == CHECKING || phase[k] == CHECKED)
#define believes(k) (client[k] && has_record(k))
#define is_secure(k) \
    (!believes(k) || fate[k] != SURE || !(sure[k] & alive) || \
     (entry == number[k] && (holder & alive) && node_of(holder) == at(k)))
#define is_answered(k) (!client[k] || has_record(k))
#define is_claim(k) (phase[k] == CLAIMING || phase[k] == CLAIMED)
#define is_check(k) (phase[k] == CHECKING || phase[k] == CHECKED)
#if SESSIONS == 2
#define each(what) (what(0) && what(1))
#define BELIEVERS (believes(0) + believes(1))
#elif SESSIONS == 3
#define each(what) (what(0) && what(1) && what(2))
#define BELIEVERS (believes(0) + believes(1) + believes(2))
#else
#define each(what) (what(0) && what(1) && what(2) && what(3))
#define BELIEVERS (believes(0) + believes(1) + believes(2) + believes(3))
#endif

/* Of use within one step only. */
hidden byte i, ended, broken; /* broken: the connections of these nodes, by bits */
hidden mtype result;

/* --- scripts: each is one step --- */

/* The entry is taken by a node: its owner is told by a message and a mark, or, of the same node, by the answer. */
inline tell(node) {
    for (i : 0 .. LAST) {
        if
        :: number[i] == entry && (has_record(i) || phase[i] == CLAIMED) && at(i) == node -> fate[i] = UNSURE
        :: number[i] == entry && (has_record(i) || phase[i] == CLAIMED) && at(i) != node ->
            fate[i] = TAKEN;
#ifndef NO_MARK
            marked[i] = true;
#endif
            if
            :: mail[i] = true
            :: true
            fi
        :: else
        fi
    }
}

inline put(its_number, incarnation) {
    assert(entry <= its_number); /* ORDER */
    entry = its_number;
    holder = incarnation
}

inline grant(incarnation) {
    last++;
    assert(last > greatest); /* NUMBER */
    greatest = last;
    put(last, incarnation);
    result = GRANTED
}

inline replace_or_refuse(node, incarnation) {
    if
    :: result = CONFLICT
    :: ended = (node_of(holder) == node -> entry : 0);
       tell(node);
       grant(incarnation)
    fi
}

/* By what the node knows: a former incarnation of its own holds what a claim got whose answer was lost. */
#define is_ghost(node, its_beside) ((holder & former[node]) && entry != its_beside)
#define counts_alive(node, incarnation) (holder == incarnation || !(dead[node] & holder))
/* What lives is known at last, when no more faults happen. */
#define may_ask(node, incarnation) (holder != incarnation && !(dead[node] & holder) && !(calm && (holder & alive)))

inline claim(node, incarnation, its_beside) {
    ended = 0;
    if
    :: entry == 0 -> grant(incarnation)
    :: entry != 0 && node_of(holder) == node && holder > incarnation -> result = TOO_LATE
    :: entry != 0 && node_of(holder) == node && holder < incarnation && is_ghost(node, its_beside) -> grant(incarnation)
    :: else ->
        if
        :: counts_alive(node, incarnation) -> replace_or_refuse(node, incarnation)
        :: !counts_alive(node, incarnation) ->
            assert(!(holder & alive)); /* DEAD */
            grant(incarnation)
        :: may_ask(node, incarnation) -> result = ASK
        fi
    fi;
    assert(each(is_secure)) /* SECURE */
}

inline hold(k, its_number, node, incarnation, is_late) {
    if
    :: number[k] == its_number && marked[k] -> result = LOST
#ifndef LATE_HOLD
    :: !(number[k] == its_number && marked[k]) && entry == its_number && node_of(holder) == node &&
       holder > incarnation -> result = STILL_HELD
#endif
#ifndef HOLD_WINS
    :: !(number[k] == its_number && marked[k]) && entry > its_number -> result = LOST
#endif
    :: else ->
        if
        :: entry != 0 && entry != its_number -> tell(node)
        :: else
        fi;
        put(its_number, incarnation);
        last = (last > its_number -> last : its_number);
        result = STILL_HELD;
        if
        :: !is_late && has_record(k) ->
            assert(fate[k] != TAKEN); /* EVICTED */
            fate[k] = SURE
        :: else
        fi
    fi;
    assert(each(is_secure)) /* SECURE */
}

inline release(k, its_number) {
    if
    :: number[k] == its_number -> marked[k] = false
    :: else
    fi;
    if
#ifdef RELEASE_ANY
    :: true ->
#else
    :: entry == its_number ->
#endif
        entry = 0;
        holder = 0
    :: else
    fi;
    assert(each(is_secure)) /* SECURE */
}

/* --- a session at its node --- */

inline finish(k) {
    phase[k] = OVER;
    client[k] = false;
    number[k] = 0;
    under[k] = 0;
    sure[k] = 0;
    beside[k] = 0;
    answer[k] = NOTHING;
    detail[k] = 0;
    early[k] = false;
    mail[k] = false;
    marked[k] = false;
    fate[k] = SURE
}

inline give_back(k) {
    phase[k] = RELEASING;
    client[k] = false;
    mail[k] = false;
    under[k] = 0;
    sure[k] = 0;
    fate[k] = SURE
}

/* The client leaves, or is evicted. While a command is under way its answer is waited for. */
inline let_go(k) {
    client[k] = false;
    mail[k] = false;
    if
    :: phase[k] == HELD -> give_back(k)
    :: else
    fi
}

inline send_claim(k) {
    under[k] = current[at(k)];
    phase[k] = CLAIMING;
    for (i : 0 .. LAST) {
        if
#ifdef OLDEST_HELD
        :: at(i) == at(k) && believes(i) && (beside[k] == 0 || number[i] < beside[k]) -> beside[k] = number[i]
#else
        :: at(i) == at(k) && believes(i) && number[i] > beside[k] -> beside[k] = number[i]
#endif
        :: else
        fi
    }
}

inline take_granted(k) {
    for (i : 0 .. LAST) {
        assert(!believes(i) || number[i] != number[k]); /* BELIEF */
        if
        :: i != k && believes(i) && number[i] == detail[k] -> let_go(i)
        :: else
        fi
    }
    answer[k] = NOTHING;
    detail[k] = 0;
    phase[k] = HELD;
    sure[k] = under[k];
    if
    :: early[k] || !client[k] -> early[k] = false; give_back(k)
    :: else
    fi
}

inline wait_again(k) {
    under[k] = 0;
    beside[k] = 0;
    answer[k] = NOTHING;
    detail[k] = 0;
    phase[k] = WAITING
}

inline take_claim(k) {
    if
    :: answer[k] == GRANTED -> take_granted(k)
    :: answer[k] == CONFLICT -> finish(k)
    :: answer[k] == TOO_LATE -> wait_again(k)
    :: answer[k] == ASK -> answer[k] = NOTHING; under[k] = 0; beside[k] = 0; phase[k] = ASKING
    fi
}

inline take_check(k) {
    if
    :: answer[k] == LOST || !client[k] -> give_back(k)
    :: else -> phase[k] = HELD; sure[k] = under[k]
    fi;
    answer[k] = NOTHING
}

/* Of the checks only those that change something; the others matter only when a connection breaks (see there). */
#ifdef NO_CHECK
#define is_due(k) (under[k] != current[at(k)])
#else
#define is_due(k) (under[k] != current[at(k)] || entry != number[k] || holder != under[k])
#endif
#define may_leave(k) (client[k] && (!calm || leaving) && (is_claim(k) || has_record(k)))
#define must_leave(k) (client[k] && calm && leaving)
#if SESSIONS == 2
#define may_start(k) (k == 0 || phase[0] != START) /* the nodes do not differ */
#else
#define may_start(k) true
#endif

proctype session(byte k) {
    do
    :: atomic { phase[k] == START && may_start(k) -> phase[k] = WAITING; client[k] = true }
    :: atomic { phase[k] == START && calm -> phase[k] = OVER }
    :: atomic { may_leave(k) -> let_go(k) }
    :: atomic { (phase[k] == WAITING || phase[k] == ASKING || phase[k] == ASKED) && !calm -> finish(k) }
    :: atomic { phase[k] == WAITING && current[at(k)] != 0 -> send_claim(k) }
    :: atomic { phase[k] == CLAIMING ->
        claim(at(k), under[k], beside[k]);
        beside[k] = 0;
        answer[k] = result;
        if
        :: result == GRANTED -> number[k] = entry; detail[k] = ended
        :: result == ASK -> detail[k] = holder
        :: else
        fi;
        phase[k] = CLAIMED
    }
    :: atomic { phase[k] == CLAIMED -> take_claim(k) }
    :: atomic { phase[k] == HELD && current[at(k)] != 0 && is_due(k) && !must_leave(k) ->
        under[k] = current[at(k)];
        phase[k] = CHECKING
    }
    :: atomic { phase[k] == CHECKING -> hold(k, number[k], at(k), under[k], false); answer[k] = result; phase[k] = CHECKED }
    :: atomic { phase[k] == CHECKED -> take_check(k) }
    :: atomic { phase[k] == RELEASING -> release(k, number[k]); phase[k] = RELEASED }
    :: atomic { phase[k] == RELEASED -> finish(k) }
    od
}

/* --- a node's incarnations --- */

inline retire(node) {
#ifndef SAME_INCARNATION
    former[node] = former[node] | current[node];
    current[node] = 0
#else
    skip
#endif
}

/* It is neither held nor asked for under another incarnation than the current one. */
#define is_current(k) \
    (((phase[k] != HELD && !is_claim(k) && !is_check(k)) || under[k] == current[at(k)]) && \
     (!is_check(k) || sure[k] == under[k]))
#define is_current_0(k) (at(k) == 1 || is_current(k))
#define is_current_1(k) (at(k) == 0 || is_current(k))
#define is_all_current(node) ((node) -> each(is_current_1) : each(is_current_0))
#ifdef END_EARLY
#define may_end(node) (former[node] != 0 && current[node] != 0)
#else
#define may_end(node) (former[node] != 0 && current[node] != 0 && is_all_current(node))
#endif
#define asks_0(k) (at(k) == 1 || phase[k] != ASKING)
#define asks_1(k) (at(k) == 0 || phase[k] != ASKING)
#define has_question(node) !((node) -> each(asks_1) : each(asks_0))
/* Of the renewals only those by which something is learnt. */
#define is_wanted(node) (!(current[node] & alive) || (former[node] & ~alive) || may_end(node) || has_question(node))
#define is_not_held(k) (!believes(k) || fate[k] != SURE || entry != number[k])

inline make_incarnation(node) {
    assert(made[node] < INCARNATIONS);
    fresh[node] = (node -> 16 : 1) << made[node];
    made[node]++;
    alive = alive | fresh[node]
}

inline ask_registry(node) {
#ifdef RENEW_ENDED
    alive = alive | current[node];
#endif
    if
    :: current[node] == 0 -> make_incarnation(node)
    :: may_end(node) ->
        assert(!(holder & alive & former[node]) || each(is_not_held)); /* DEAD */
        alive = alive & ~former[node]
    :: else
    fi;
    listed[node] = alive;
    asked[node] = true;
    for (i : 0 .. LAST) {
        if
        :: at(i) == node && phase[i] == ASKING -> phase[i] = ASKED
        :: else
        fi
    }
}
#ifdef READ_BEFORE
#define is_decided(k) (phase[k] == ASKED || phase[k] == ASKING)
#else
#define is_decided(k) (phase[k] == ASKED)
#endif

inline forget_answer(node) {
    asked[node] = false;
    listed[node] = 0;
    fresh[node] = 0
}

inline take_registry(node) {
    current[node] = (current[node] == 0 -> fresh[node] : current[node] & listed[node]);
    former[node] = former[node] & listed[node];
    for (i : 0 .. LAST) {
        if
        :: at(i) == node && is_decided(i) ->
            dead[node] = dead[node] | (detail[i] & ~listed[node]);
            detail[i] = 0;
            phase[i] = WAITING
        :: else
        fi
    }
    forget_answer(node)
}

proctype registry(byte node) {
    do
    :: atomic { !asked[node] && is_wanted(node) -> ask_registry(node) }
    :: atomic { asked[node] -> take_registry(node) }
    od
}

/* --- what goes wrong --- */

inline keep_late(kind, k) {
    if
    :: late_kind[0] == NOTHING ->
        late_kind[0] = kind;
        late_session[0] = k;
        late_number[0] = number[k];
        late_incarnation[0] = under[k];
        late_beside[0] = beside[k]
#if LATE > 1
    :: late_kind[0] != NOTHING && late_kind[1] == NOTHING ->
        late_kind[1] = kind;
        late_session[1] = k;
        late_number[1] = number[k];
        late_incarnation[1] = under[k];
        late_beside[1] = beside[k]
#endif
    :: true /* it is never done */
    fi
}

inline break_session(k) {
    if
    :: phase[k] == HELD && under[k] != 0 && under[k] == current[at(k)] ->
        if
        :: phase[k] = CHECKING /* a check was under way that had nothing to change */
        :: true
        fi
    :: else
    fi;
    if
    :: phase[k] == CLAIMING -> keep_late(CLAIM, k)
    :: phase[k] == CHECKING -> keep_late(HOLD, k)
    :: phase[k] == RELEASING -> keep_late(RELEASE, k)
    :: else
    fi;
    if
    :: (is_claim(k) || is_check(k)) && under[k] == current[at(k)] -> retire(at(k))
    :: else
    fi;
    if
    :: is_claim(k) ->
        wait_again(k);
        number[k] = 0;
        early[k] = false;
        mail[k] = false;
        marked[k] = false;
        fate[k] = SURE
    :: is_check(k) ->
        answer[k] = NOTHING;
        under[k] = 0;
        if
        :: client[k] -> phase[k] = HELD
        :: else -> give_back(k)
        fi
#ifdef RELEASE_ONCE
    :: phase[k] == RELEASING || phase[k] == RELEASED -> finish(k)
#else
    :: phase[k] == RELEASED -> phase[k] = RELEASING
#endif
    :: else
    fi
}

inline break_connections() {
    for (ended : 0 .. LAST) {
        if
        :: broken & (1 << at(ended)) -> break_session(ended)
        :: else
        fi
    }
}

inline lose_answer(node) {
    forget_answer(node);
    for (i : 0 .. LAST) {
        if
        :: at(i) == node && phase[i] == ASKED -> phase[i] = ASKING
        :: else
        fi
    }
}

inline kill(node) {
    lose_answer(node);
    for (i : 0 .. LAST) {
        if
        :: at(i) == node && phase[i] != START -> finish(i)
        :: else
        fi
    }
    current[node] = 0;
    former[node] = 0;
    dead[node] = 0
}

inline lose_account() {
    entry = 0;
    holder = 0;
#ifdef NO_CLOCK
    last = 0;
#else
    last = greatest;
#endif
    for (i : 0 .. LAST) {
        marked[i] = false;
        if
        :: has_record(i) -> fate[i] = UNSURE
        :: else
        fi
    }
}

inline lose_registry() {
    lose_answer(0);
    lose_answer(1);
    alive = 0
}

/* All leases of a node are renewed together: they end together, or that of its latest incarnation later. */
#define are_of(node) (alive & all_of(node))
#define latest(set) \
    ((set) & 136 -> (set) & 136 : ((set) & 68 -> (set) & 68 : ((set) & 34 -> (set) & 34 : (set) & 17)))

proctype trouble(byte node) {
    do
    :: atomic { faults > 0 ->
        faults--;
        if
        :: broken = 1 << node
        :: node == 0 -> broken = 3
        fi;
        break_connections();
        if
        :: broken != 3
        :: broken != 3 -> kill(node)
        :: broken == 3 -> lose_account()
        :: broken == 3 -> lose_account(); lose_registry()
        fi
    }
    :: atomic { faults > 0 && asked[node] -> faults--; lose_answer(node) }
    :: atomic { faults > 0 && are_of(node) != 0 -> faults--; alive = alive & ~all_of(node) }
    :: atomic { faults > 0 && are_of(node) != latest(are_of(node)) ->
        faults--;
        alive = (alive & ~all_of(node)) | latest(are_of(node))
    }
    :: atomic { faults > 0 && node == 0 -> faults--; lose_registry() }
#ifdef LIVENESS
    :: atomic { !calm && node == 0 -> faults = 0; calm = true }
    :: atomic { timeout && calm && !leaving && node == 0 ->
        assert(each(is_answered) && BELIEVERS <= 1); /* all has come to rest */
        leaving = true
    }
#endif
    od
}

proctype message(byte k) {
    do
    :: atomic { mail[k] ->
        mail[k] = false;
        if
        :: phase[k] == CLAIMED -> early[k] = true
        :: else -> let_go(k)
        fi
    }
    od
}

inline come_late(kind, k, its_number, incarnation, its_beside) {
    if
    :: kind == CLAIM -> claim(node_of(incarnation), incarnation, its_beside)
    :: kind == HOLD -> hold(k, its_number, node_of(incarnation), incarnation, true)
    :: kind == RELEASE -> release(k, its_number)
    fi;
    kind = NOTHING;
    k = 0;
    its_number = 0;
    incarnation = 0;
    its_beside = 0
}

proctype late(byte place) {
    do
    :: atomic { late_kind[place] != NOTHING ->
        come_late(late_kind[place], late_session[place], late_number[place], late_incarnation[place],
                  late_beside[place])
    }
    od
}

/* --- all of it --- */

#define used(node) (current[node] | former[node] | fresh[node])
#define abandoned (alive & ~(used(0) | used(1)))

init {
    atomic {
        make_incarnation(0);
        make_incarnation(1);
        for (i : 0 .. 1) {
            current[i] = fresh[i];
            fresh[i] = 0;
            run registry(i);
            run trouble(i)
        }
        for (i : 0 .. LAST) {
            run session(i);
            run message(i)
        }
        for (i : 0 .. LATE - 1) {
            run late(i)
        }
    }
    do
    :: atomic { abandoned != 0 -> alive = alive & ~abandoned } /* nobody renews their leases */
    od
}

#ifdef LIVENESS
#define is_free (entry == 0 || !(holder & alive))
ltl settled { [](calm -> <>[](each(is_answered) && BELIEVERS <= 1 && (leaving -> is_free))) }
#endif
