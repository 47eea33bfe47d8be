/* One conversation on two nodes, as docs/model/README.md describes it.
 * Actors: nodes 0 and 1 (memory only) - the broker (a table of subscriptions and one FIFO link per node) - the database (log,
 *   last_seq, rights; one action is one transaction under the row lock) - Alice, who sends 1 and 2 (FIFO, may retry at the other
 *   node) - receivers R0 and R1 with positions; R1 may send 3 and is removed by event 4 (drawn at node 1).
 * Faults, each with a budget: CRASH of a node, DROPA and DROPR of connections, BREAK of a link (the broker forgets at once, the
 *   node notices later), UNK unknown outcome of a commit (either way), ZOMB a commit that lands after its node died, OVER overflow of
 *   an outbox, LOSS silent loss of a frame, UNANS a publication lost with its link, before the broker answered it, DEADL an entry refused at its deadline. Timers fire at any time.
 * Checks: acknowledged means stored once - order without gaps at every delivery - nothing shown twice - R1 sees nothing above his removal
 *   and none of his messages is stored above it - FIFO - refused means not stored - retracted means not stored at that moment - when
 *   nothing moves any more everybody has everything, no early frame is open, every send is answered.
 * SKIP: what is needed only at this node is not emitted. One question that also names the link's own channel; whether a channel looks
 *   own is arbitrary, at any time. HALF: the broker forgets the link and the node notices later; what is on the wire still arrives,
 *   commands (publish, ask) go over another connection and work meanwhile. */
#define MAXS 4
#define NONE 2
#ifndef M1
#define M1 0
#endif
#ifndef M2
#define M2 0
#endif
#ifndef MX
#define MX 0
#endif
#ifndef MK
#define MK 0
#endif
#ifndef EARLY
#define EARLY 0
#endif
#ifndef CRASH
#define CRASH 0
#endif
#ifndef DROPA
#define DROPA 0
#endif
#ifndef DROPR
#define DROPR 0
#endif
#ifndef BREAK
#define BREAK 0
#endif
#ifndef UNK
#define UNK 0
#endif
#ifndef ZOMB
#define ZOMB 0
#endif
#ifndef OVER
#define OVER 0
#endif
#ifndef LOSS
#define LOSS 0
#endif
#ifndef PERIODIC
#define PERIODIC 0
#endif
#ifndef DEADL
#define DEADL 0
#endif
#ifndef SKIP
#define SKIP 0
#endif
#ifndef HALF
#define HALF 0
#endif
#ifndef UNANS
#define UNANS 0
#endif
#define QL 4
#define CLR f = 0; i = 0; k = 0; s = 0; m = 0; w = 0
/* entry states */
#define IDLE 0
#define QUEUED 1
#define UNKN 2
#define COMM 3
#define ROUTED 4
#define REFUSED 5
#define HOME 6
#define QREAD 7
/* session stages */
#define OFF 0
#define SUBW 1
#define CONF 2
#define HREAD 3
#define BEH 4
#define PAGE 5
#define LIVE 6
#define PAGE2 7
/* frames */
#define F 1
#define E 2
#define R 3
#define H 4
#define X(a,m) ((a)*5+(m))

byte db[MAXS+1]; byte last; bool xmem = true; bool dbrev; byte kseq;
bool z[5];
byte head[2]; bool loaded[2]; byte heard[2]; bool rev[2]; bool xm[2];
byte st[10]; byte sq[10]; bool erev[10]; bool near[10];
bool rsub[2]; bool bsub[2]; bool lk[2]; bool cmp[2]; bool dirty[2];
chan q0 = [QL] of { byte, byte, byte };
chan q1 = [QL] of { byte, byte, byte };
byte attA = NONE; byte at[2] = NONE; byte stage[2]; byte pos[2]; byte hr[2];
bool eset[10]; bool shown[10]; bool cut;
bool acked[5]; bool refused; bool kacked;
byte nCrash = CRASH; byte nDropA = DROPA; byte nDropR = DROPR; byte nBreak = BREAK; byte nUnk = UNK; byte nZ = ZOMB; byte nOver = OVER; byte nLoss = LOSS; byte nDl = DEADL; byte nUnans = UNANS;
#ifdef BUG_CACHED_TABLE
bool hint[2];
#endif
#if SKIP
bool conf[2];            /* node believes: my subscription is confirmed on this link */
bool pend[2]; bool pchk[2]; byte chk[2];   /* open skips not asked for yet / asked for; 0 idle, 3 question under way, 1 "only me", 2 not */
bool ho[2]; byte nHalf = HALF;             /* half-open: the broker has forgotten the link, the node does not know */
#ifdef BUG_SK_CHECK_FIRST
bool pre[2];
#endif
#endif
#ifdef BUG_TWO_TABLES
byte hr2[2];
#endif
byte f, i, k, s, m, w;
bool done;

inline indb(mm) { f = 0; i = 1; do :: i > MAXS -> break :: else -> if :: db[i] == (mm) -> f = i; break :: else -> i++ fi od }
inline inlog(n, mm) { f = 0; i = 1; do :: i > head[n] -> break :: else -> if :: db[i] == (mm) -> f = i; break :: else -> i++ fi od }

inline give(r, ss, page) {
  assert((ss) == pos[r]+1);                                  /* gapless, in order, never twice */
  assert(!((r) == 1 && kseq != 0 && (ss) > kseq));           /* nothing after the removal */
  w = db[ss];
#ifdef BUG_PAGE_IGNORES_EARLY
  if :: eset[X(r,w)] && !(page) -> eset[X(r,w)] = false
#else
#ifdef BUG_WRONG_CONFIRM
  if :: (eset[X(r,w)] || (!(page) && near[X(at[r],w)])) -> eset[X(r,w)] = false
#else
  if :: eset[X(r,w)] -> eset[X(r,w)] = false                 /* message.stored: it has the body */
#endif
#endif
     :: else -> assert(!shown[X(r,w)]); shown[X(r,w)] = true /* message.new */
  fi;
  printf("EV R%d <- seq %d (m%d)\n", r, ss, w);
  pos[r] = ss;
  if :: (r) == 1 && w == 4 -> cut = true :: else -> skip fi }

#ifdef BUG_NO_CUT
#define OPEN(r) true
#else
#define OPEN(r) (!((r) == 1 && cut))
#endif

/* learn(n, to): the one door. Whatever shows a higher head moves it, row by row, and advances the live sessions */
inline learn(n, to) {
  do
  :: head[n] < (to) && db[head[n]+1] != 0 ->
     head[n]++;
     if :: db[head[n]] == 4 -> xm[n] = false; rev[n] = 1 :: else -> skip fi;
     if :: at[0] == n && stage[0] == LIVE -> give(0, head[n], 0) :: else -> skip fi;
     if :: at[1] == n && stage[1] == LIVE && OPEN(1) -> give(1, head[n], 0) :: else -> skip fi;
     near[X(n,db[head[n]])] = false
  :: else -> break
  od }

#ifdef BUG_CACHED_TABLE
#define PUBOK(n) (hint[n] && rsub[1-(n)])
#else
#ifdef BUG_NUMSUB_MINE
#define PUBOK(n) (rsub[1-(n)] && (rsub[0]+rsub[1] > bsub[n]))
#else
#define PUBOK(n) (rsub[1-(n)])
#endif
#endif

inline drain(n) { if :: (n) == 0 -> do :: nempty(q0) -> q0?_,_,_ :: empty(q0) -> break od
                     :: else     -> do :: nempty(q1) -> q1?_,_,_ :: empty(q1) -> break od fi }
#if SKIP == 0
#define SKBREAK(n) skip
#define HO(n) false
#else
#define HO(n) ho[n]
#ifdef BUG_SK_FORGET
#define SKBREAK(n) ho[n] = false; conf[n] = false; chk[n] = 0; pend[n] = false; pchk[n] = false
#else
#define SKBREAK(n) ho[n] = false; conf[n] = false; chk[n] = 0; pend[n] = (pend[n] || pchk[n]); pchk[n] = false
#endif
#endif
inline cutlink(n) { lk[n] = true; rsub[n] = false; drain(n); SKBREAK(n); printf("EV link of node%d breaks\n", n) }
#ifdef BUG_UNANSWERED_FORGOTTEN
#define KEEPUNANS(n,kk) skip
#else
#define KEEPUNANS(n,kk) if :: (kk) == F || (kk) == H -> dirty[n] = true :: else -> skip fi
#endif
inline publish(n, kk, ss, mm) {
  if
  :: !lk[n] && nUnans > 0 -> nUnans--; cutlink(n); KEEPUNANS(n,kk)                    /* it was on its way: nobody has answered */
  :: lk[n] -> if :: (kk) == F || (kk) == H -> dirty[n] = true :: else -> skip fi      /* kept as (channel, head) */
  :: !lk[n] -> if
     :: !PUBOK(n) -> skip
     :: else -> if
        :: (n) == 0 && nfull(q1) -> q1!kk,ss,mm
        :: (n) == 1 && nfull(q0) -> q0!kk,ss,mm
        :: (n) == 0 && full(q1) -> cutlink(1)                            /* the broker drops a slow subscriber */
        :: (n) == 1 && full(q0) -> cutlink(0)
        fi
     fi
  fi }

#ifdef BUG_EARLY_MOVES
#define EARLYMOVE(r) pos[r]++
#else
#define EARLYMOVE(r) skip
#endif

inline showearly(n, mm) {
  near[X(n,mm)] = true;
  if :: at[0] == n && stage[0] == LIVE && !eset[X(0,mm)] -> assert(!shown[X(0,mm)]); eset[X(0,mm)] = true; shown[X(0,mm)] = true; EARLYMOVE(0) :: else -> skip fi;
  if :: at[1] == n && stage[1] == LIVE && !cut && !eset[X(1,mm)] -> assert(!shown[X(1,mm)]); eset[X(1,mm)] = true; shown[X(1,mm)] = true; EARLYMOVE(1) :: else -> skip fi }

#ifdef BUG_LATE_RETRACT
#define RETIF(n,mm) true
#define RETSES(n,r,mm) (at[r] == n && stage[r] == LIVE)
#else
#define RETIF(n,mm) near[X(n,mm)]
#define RETSES(n,r,mm) (at[r] == n && eset[X(r,mm)])
#endif
inline retract(n, mm) {
  if :: RETIF(n,mm) -> near[X(n,mm)] = false; printf("EV node%d retracts m%d\n", n, mm);
     if :: RETSES(n,0,mm) -> eset[X(0,mm)] = false; shown[X(0,mm)] = false :: else -> skip fi;
     if :: RETSES(n,1,mm) -> eset[X(1,mm)] = false; shown[X(1,mm)] = false :: else -> skip fi
     :: else -> skip fi }

inline load(n) { if :: !loaded[n] -> loaded[n] = true; head[n] = last; xm[n] = xmem; rev[n] = dbrev :: else -> skip fi }
inline offses(r) { at[r] = NONE; stage[r] = OFF; hr[r] = 0; i = 1;
  do :: i > 4 -> break :: else -> if :: eset[X(r,i)] -> eset[X(r,i)] = false; shown[X(r,i)] = false :: else -> skip fi; i++ od; CLR }

inline insert(n, mm) { last++; db[last] = mm; sq[X(n,mm)] = last; printf("EV node%d COMMIT m%d at %d\n", n, mm, last);
  assert(!((mm) == 3 && kacked)) }

/* one transaction: lock, dedupe, rights, insert, counter */
inline txn(n, mm, ok) {
  printf("EV node%d txn m%d\n", n, mm);
#ifdef BUG_HOLE
  if :: last < MAXS -> last++ :: else -> skip fi; indb(mm);
  if :: f != 0 -> sq[X(n,mm)] = f; st[X(n,mm)] = ok :: else -> db[last] = mm; sq[X(n,mm)] = last; st[X(n,mm)] = ok fi
#else
  indb(mm);
  if
#ifdef BUG_DUP_ONLY_ACKED
  :: f != 0 -> st[X(n,mm)] = (ok == UNKN -> UNKN : ROUTED)
#else
  :: f != 0 -> sq[X(n,mm)] = f; st[X(n,mm)] = ok
#endif
#ifdef BUG_BOUNCE
  :: f == 0 && erev[X(n,mm)] != dbrev -> st[X(n,mm)] = HOME
  :: f == 0 && erev[X(n,mm)] == dbrev -> insert(n, mm); st[X(n,mm)] = ok
#else
#ifdef BUG_NO_REV
  :: f == 0 -> insert(n, mm); st[X(n,mm)] = ok
#else
  :: f == 0 && mm == 3 && erev[X(n,mm)] != dbrev && !xmem -> st[X(n,mm)] = REFUSED; sq[X(n,mm)] = 0;   /* decided again under the lock */
       retract(n, mm); publish(n, R, 0, mm)
  :: f == 0 && !(mm == 3 && erev[X(n,mm)] != dbrev && !xmem) -> insert(n, mm); st[X(n,mm)] = ok
#endif
#endif
  fi
#endif
  ; if :: st[X(n,mm)] == UNKN -> sq[X(n,mm)] = 0 :: else -> skip fi }

#define INLANE(n,mm) (st[X(n,mm)] == QUEUED || st[X(n,mm)] == UNKN || st[X(n,mm)] == QREAD)
#ifdef BUG_ACK_EARLY
#define ACKST(n,mm) (st[X(n,mm)] >= QUEUED && st[X(n,mm)] <= ROUTED)
#define ACKCHK skip
#else
#define ACKST(n,mm) (st[X(n,mm)] == COMM || st[X(n,mm)] == ROUTED)
#define ACKCHK assert(f != 0)
#endif
#define SND(n,mm) ((mm) == 3 -> (at[1] == n && stage[1] >= BEH) : attA == n)

#ifdef BUG_DEDUPE_OUTSIDE
#define COMMIT_ACTIONS(n,mm) \
  :: d_step { (st[X(n,mm)] == QUEUED || st[X(n,mm)] == UNKN) && LANEFREE(n,mm) -> indb(mm); if :: f != 0 -> sq[X(n,mm)] = f; st[X(n,mm)] = COMM :: else -> st[X(n,mm)] = QREAD fi; CLR } \
  :: d_step { st[X(n,mm)] == QREAD && last < MAXS -> insert(n,mm); st[X(n,mm)] = COMM; CLR }
#else
#ifdef BUG_UNIQUE_IS_REFUSAL
#define COMMIT_ACTIONS(n,mm) \
  :: d_step { (st[X(n,mm)] == QUEUED || st[X(n,mm)] == UNKN) && LANEFREE(n,mm) -> indb(mm); if :: f != 0 -> sq[X(n,mm)] = f; st[X(n,mm)] = COMM :: else -> st[X(n,mm)] = QREAD fi; CLR } \
  :: d_step { st[X(n,mm)] == QREAD && last < MAXS -> indb(mm); if :: f == 0 -> insert(n,mm); st[X(n,mm)] = COMM :: else -> st[X(n,mm)] = REFUSED; retract(n,mm); publish(n,R,0,mm); assert(f == 0) fi; CLR }
#else
#ifdef BUG_RETRACT_BLIND
#define COMMIT_ACTIONS(n,mm) \
  :: d_step { (st[X(n,mm)] == QUEUED || st[X(n,mm)] == UNKN) && LANEFREE(n,mm) && (last < MAXS) -> txn(n, mm, COMM); CLR } \
  :: d_step { st[X(n,mm)] == UNKN -> indb(mm); st[X(n,mm)] = REFUSED; retract(n,mm); publish(n,R,0,mm); assert(f == 0); CLR }
#else
#define COMMIT_ACTIONS(n,mm) \
  :: d_step { (st[X(n,mm)] == QUEUED || st[X(n,mm)] == UNKN) && LANEFREE(n,mm) && (last < MAXS) -> txn(n, mm, COMM); CLR }
#endif
#endif
#endif
#ifdef BUG_BOUNCE
#define BOUNCE_ACTIONS(n,mm) :: d_step { st[X(n,mm)] == HOME -> learn(n, last); rev[n] = dbrev; \
   if :: mm == 3 && !xmem -> st[X(n,mm)] = REFUSED; retract(n,mm); publish(n,R,0,mm) :: else -> erev[X(n,mm)] = dbrev; st[X(n,mm)] = QUEUED fi; CLR }
#else
#define BOUNCE_ACTIONS(n,mm)
#endif
/* the lane is FIFO per sender */
#define LANEFREE(n,mm) !((mm) == 2 && INLANE(n,1))

#define ENTRY(n,mm) \
  COMMIT_ACTIONS(n,mm) \
  BOUNCE_ACTIONS(n,mm) \
  :: d_step { st[X(n,mm)] == QUEUED && nDl > 0 -> nDl--; st[X(n,mm)] = IDLE; retract(n, mm); publish(n, R, 0, mm); printf("EV m%d refused at its deadline by node%d\n", mm, n); CLR } \
  :: d_step { st[X(n,mm)] == QUEUED && nUnk > 0 && LANEFREE(n,mm) && last < MAXS -> nUnk--; txn(n, mm, UNKN); printf("EV outcome of m%d unknown to node%d\n", mm, n); CLR } \
  :: d_step { st[X(n,mm)] == QUEUED && nUnk > 0 && LANEFREE(n,mm) -> nUnk--; st[X(n,mm)] = UNKN; printf("EV m%d aborted, unknown to node%d\n", mm, n); CLR } \
  :: d_step { EARLY && INLANE(n,mm) && !near[X(n,mm)] && loaded[n] -> inlog(n, mm); if :: f == 0 -> printf("EV node%d early m%d\n", n, mm); showearly(n, mm); publish(n, E, 0, mm) :: else -> skip fi; near[X(n,mm)] = (f == 0); CLR } \
  ROUTE(n,mm) \
  :: d_step { ACKST(n,mm) && SND(n,mm) && !acked[mm] -> indb(mm); ACKCHK; acked[mm] = true; printf("EV node%d ACK m%d\n", n, mm); CLR } \
  TIMER(n,mm) \
  :: d_step { z[mm] && n == 0 && last < MAXS -> z[mm] = false; indb(mm); if :: f == 0 && !(mm == 3 && !xmem) -> last++; db[last] = mm; printf("EV late commit of dead node: m%d at %d\n", mm, last) :: else -> skip fi; CLR }
#if SKIP == 0
#define ROUTE(n,mm) \
  :: d_step { st[X(n,mm)] == COMM -> learn(n, sq[X(n,mm)]); publish(n, F, sq[X(n,mm)], mm); st[X(n,mm)] = ROUTED; sq[X(n,mm)] = 0; CLR }
#else
#ifdef BUG_SK_UNCONF
#define CONFD(n) (!lk[n])
#else
#define CONFD(n) conf[n]
#endif
#ifdef BUG_SK_CHECK_FIRST
#define CANSKIP(n) (conf[n] && pre[n])
#define MAYPUB(n) (!CANSKIP(n))
#else
#define CANSKIP(n) CONFD(n)
#define MAYPUB(n) true
#endif
#ifdef BUG_SK_NOCHECK
#define OPENSKIP(n) skip
#else
#ifdef BUG_SK_CHECK_FIRST
#define OPENSKIP(n) skip
#else
#define OPENSKIP(n) pend[n] = true
#endif
#endif
#define ROUTE(n,mm) \
  :: d_step { st[X(n,mm)] == COMM && MAYPUB(n) -> learn(n, sq[X(n,mm)]); publish(n, F, sq[X(n,mm)], mm); st[X(n,mm)] = ROUTED; sq[X(n,mm)] = 0; CLR } \
  :: d_step { st[X(n,mm)] == COMM && CANSKIP(n) -> printf("EV node%d skips the publication of m%d\n", n, mm); learn(n, sq[X(n,mm)]); OPENSKIP(n); st[X(n,mm)] = ROUTED; sq[X(n,mm)] = 0; CLR } \
  PRECHECK(n,mm)
#ifdef BUG_SK_CHECK_FIRST
#define PRECHECK(n,mm) :: d_step { st[X(n,mm)] == QUEUED && conf[n] && !lk[n] && !pre[n] -> pre[n] = (!ho[n] && rsub[0]+rsub[1] <= 1); CLR }
#else
#define PRECHECK(n,mm)
#endif
#endif
#ifdef BUG_NO_RETRACT
#define TIMER(n,mm)
#else
/* 10 s without news: read the primary; there -> learn it; not there -> retract */
#define TIMER(n,mm) :: d_step { near[X(n,mm)] && !INLANE(n,mm) && st[X(n,mm)] != COMM && st[X(n,mm)] != HOME -> indb(mm); if :: f != 0 -> learn(n, last) :: else -> retract(n, mm) fi; CLR }
#endif

#ifdef BUG_NO_LINK_COMPARE
#define LINKCMP(n) skip
#else
#define LINKCMP(n) cmp[n] = true
#endif
#ifdef BUG_NO_PEER_COMPARE
#define PEERCMP(n) skip
#else
#define PEERCMP(n) cmp[n] = true
#endif
#ifdef BUG_NO_REPUBLISH
#define REPUB(n) dirty[n] = false
#else
#define REPUB(n) if :: dirty[n] -> dirty[n] = false; if :: loaded[n] -> publish(n, H, head[n], 0) :: else -> skip fi :: else -> skip fi
#endif
/* a conversation that is being loaded is compared after its load */
#define LOADING(n) (!loaded[n] && ((at[0] == n && stage[0] != OFF) || (at[1] == n && stage[1] != OFF)))
#ifdef BUG_COMPARE_SKIPS_LOADING
#define CMPOK(n) true
#else
#define CMPOK(n) (!LOADING(n))
#endif
#ifdef BUG_NO_HEARD
#define HEAR(n,ss) skip
#else
#define HEAR(n,ss) if :: ((at[0] == n && stage[0] != OFF) || (at[1] == n && stage[1] != OFF)) && ss > heard[n] -> heard[n] = ss :: else -> skip fi
#endif

#define NODE(n) \
  :: d_step { ((n == 0 && nempty(q0)) || (n == 1 && nempty(q1))) -> \
       if :: n == 0 -> q0?k,s,m :: else -> q1?k,s,m fi; printf("EV node%d frame kind %d seq %d m%d\n", n, k, s, m); \
       if SKFRAME(n) :: !loaded[n] && (k == F || k == H) -> HEAR(n,s) \
          :: !loaded[n] && !(k == F || k >= H) -> skip \
          :: loaded[n] && (k == F || k == H) -> FRAME(n) \
          :: loaded[n] && k == E -> inlog(n, m); if :: f == 0 && !near[X(n,m)] -> showearly(n, m) :: else -> skip fi \
          :: loaded[n] && k == R -> retract(n, m) fi; CLR } \
  :: d_step { nLoss > 0 && n == 0 && nempty(q0) -> nLoss--; q0?_,_,_; printf("EV silent loss to node0\n"); CLR } \
  :: d_step { nLoss > 0 && n == 1 && nempty(q1) -> nLoss--; q1?_,_,_; printf("EV silent loss to node1\n"); CLR } \
  :: d_step { cmp[n] && CMPOK(n) -> cmp[n] = false; if :: loaded[n] -> printf("EV node%d compares heads\n", n); learn(n, last) :: else -> skip fi; CLR } \
  :: d_step { PERIODIC && loaded[n] && head[n] < last && db[head[n]+1] != 0 && (at[0] == n || at[1] == n) -> printf("EV node%d periodic compare\n", n); learn(n, last); CLR } \
  :: d_step { nCrash > 0 -> nCrash--; printf("EV node%d CRASH\n", n); drain(n); loaded[n] = false; head[n] = 0; heard[n] = 0; rev[n] = false; xm[n] = false; \
       rsub[n] = false; bsub[n] = false; lk[n] = false; cmp[n] = false; dirty[n] = false; SKCRASH(n); \
       i = 1; do :: i > 4 -> break :: else -> \
         if :: nZ > 0 && i < 4 && st[X(n,i)] == QUEUED -> nZ--; z[i] = true :: else -> skip fi; \
         st[X(n,i)] = IDLE; sq[X(n,i)] = 0; erev[X(n,i)] = false; near[X(n,i)] = false; i++ od; \
       if :: at[0] == n -> offses(0) :: else -> skip fi; if :: at[1] == n -> offses(1) :: else -> skip fi; \
       if :: attA == n -> attA = NONE :: else -> skip fi; PEERCMP(1-n); CLR } \
  :: d_step { nBreak > 0 && !lk[n] -> nBreak--; cutlink(n); CLR } \
  :: d_step { lk[n] -> lk[n] = false; rsub[n] = bsub[n]; LINKCMP(n); REPUB(n); printf("EV node%d back on the broker\n", n); CLR } \
  :: d_step { bsub[n] && !rsub[n] && !lk[n] && !HO(n) -> rsub[n] = true; CLR } \
  UNLOAD(n) HINTS(n) SKNODE(n)
/* --- the skip rule (SKIP) --- */
#if SKIP == 0
#define SKFRAME(n)
#define SKCRASH(n) skip
#define SKNODE(n)
#define CONFIRMED(n) rsub[n]
#else
#define CONFIRMED(n) conf[n]
#define SKFRAME(n)
#define SKCRASH(n) conf[n] = false; pend[n] = false; pchk[n] = false; chk[n] = 0; ho[n] = false
#define SKOTH(n,v) skip
#ifdef BUG_SK_ONEFLAG
#define FINAL(n) pchk[n] = false; pend[n] = false        /* the answer closes skips made after the question */
#else
#define FINAL(n) pchk[n] = false
#endif
#ifdef BUG_SK_UNSUB
#define UNSUBOK(n) true
#else
#define UNSUBOK(n) (!pend[n] && !pchk[n])                /* a channel with an open skip is not unsubscribed */
#endif
#ifdef BUG_SK_NOSELF
#define SELF(n) true
#else
#define SELF(n) (!ho[n])                                 /* NUMSUB of the channel that only this link has */
#endif
#define SKCHECK(n) \
  :: d_step { pend[n] && chk[n] == 0 && !lk[n] && !CONFD(n) -> pend[n] = false; publish(n, H, head[n], 0); CLR } \
  :: d_step { pend[n] && chk[n] == 0 && !lk[n] && CONFD(n) -> pchk[n] = true; pend[n] = false; chk[n] = 3; CLR } \
  :: d_step { chk[n] == 3 && !lk[n] -> chk[n] = (SELF(n) && rsub[0]+rsub[1] <= 1 -> 1 : 2); printf("EV node%d asks: self %d subscribers %d\n", n, SELF(n), rsub[0]+rsub[1]); CLR } \
  :: d_step { chk[n] == 1 && !lk[n] -> chk[n] = 0; FINAL(n); CLR } \
  :: d_step { chk[n] == 2 && !lk[n] -> chk[n] = 0; FINAL(n); publish(n, H, head[n], 0); CLR }
#define SKNODE(n) \
  :: d_step { bsub[n] && rsub[n] && !lk[n] && !conf[n] -> conf[n] = true; printf("EV node%d confirmed\n", n); CLR } \
  :: d_step { bsub[n] && at[0] != n && at[1] != n && !lk[n] && UNSUBOK(n) -> bsub[n] = false; rsub[n] = false; conf[n] = false; SKOTH(n,false); printf("EV node%d unsubscribes\n", n); CLR } \
  :: d_step { nHalf > 0 && !lk[n] && !ho[n] -> nHalf--; ho[n] = true; rsub[n] = false; printf("EV the broker forgets node%d (half-open)\n", n); CLR } \
  :: d_step { ho[n] -> cutlink(n); CLR } \
  SKCHECK(n)
#endif
#ifdef BUG_UNLOAD
#define UQ(r,n) (at[r] != n || stage[r] == LIVE)
#define UNLOAD(n) :: d_step { loaded[n] && UQ(0,n) && UQ(1,n) && last == head[n] && head[n] == 1 && empty(q0) && empty(q1) && st[X(n,1)] == IDLE && st[X(n,2)] == IDLE -> loaded[n] = false; head[n] = 0; printf("EV node%d unloads\n", n); CLR }
#else
#define UNLOAD(n)
#endif
#ifdef BUG_CACHED_TABLE
#define HINTS(n) :: d_step { rsub[1-n] && !hint[n] -> hint[n] = true; CLR }
#else
#define HINTS(n)
#endif
#ifdef BUG_ACCEPT_NEWER
#define FRAME(n) if :: s > head[n] -> head[n] = s-1; learn(n, s) :: else -> skip fi
#else
#define FRAME(n) if :: s > head[n] -> learn(n, s) :: else -> skip fi
#endif

#ifdef BUG_READ_FIRST
#define READS(r,n) :: d_step { at[r] == n && stage[r] == SUBW -> hr[r] = last; stage[r] = CONF; CLR } \
  :: d_step { at[r] == n && stage[r] == CONF && rsub[n] -> stage[r] = HREAD; CLR }
#else
#define READS(r,n) :: d_step { at[r] == n && stage[r] == SUBW && CONFIRMED(n) -> stage[r] = CONF; printf("EV R%d subscription confirmed at node%d\n", r, n); CLR } \
  :: d_step { at[r] == n && stage[r] == CONF -> hr[r] = last; stage[r] = HREAD; printf("EV R%d head read %d\n", r, last); CLR }
#endif
inline golive(r, n) { if :: pos[r] == head[n] -> stage[r] = LIVE; printf("EV R%d live at node%d pos %d\n", r, n, pos[r]) :: else -> stage[r] = BEH fi }
inline attach(r, n) {
  if :: !loaded[n] -> loaded[n] = true; head[n] = hr[r]; xm[n] = !(kseq != 0 && kseq <= hr[r]); rev[n] = !xm[n] :: else -> skip fi;
  learn(n, hr[r]); learn(n, heard[n]); heard[n] = 0;
#ifdef BUG_LIVE_BLIND
  if :: pos[r] == hr[r] -> stage[r] = LIVE :: else -> stage[r] = BEH fi;
#else
  golive(r, n);
#endif
  hr[r] = 0 }
#ifdef BUG_TWO_TABLES
inline pages(r, n) { learn(n, hr2[r]);
  do :: pos[r] < hr2[r] && OPEN(r) -> if :: pos[r] < hr[r] || db[pos[r]+1] == 4 -> give(r, pos[r]+1, 1) :: else -> pos[r]++ fi :: else -> break od;
  golive(r, n); hr[r] = 0; hr2[r] = 0 }
#define PG1(r,n) :: d_step { at[r] == n && stage[r] == BEH && pos[r] < last && OPEN(r) -> hr[r] = last; stage[r] = PAGE2; CLR } \
  :: d_step { at[r] == n && stage[r] == PAGE2 -> hr2[r] = last; stage[r] = PAGE; CLR }
#else
inline pages(r, n) {
#ifndef BUG_PAGE_ABOVE_HEAD
  learn(n, hr[r]);
#endif
  do :: pos[r] < hr[r] && db[pos[r]+1] != 0 && OPEN(r) -> give(r, pos[r]+1, 1) :: else -> break od;
#ifdef BUG_PAGE_ABOVE_HEAD
  if :: pos[r] >= head[n] -> stage[r] = LIVE :: else -> stage[r] = BEH fi;
#else
  golive(r, n);
#endif
  hr[r] = 0 }
#define PG1(r,n) :: d_step { at[r] == n && stage[r] == BEH && pos[r] < last && db[pos[r]+1] != 0 && OPEN(r) -> hr[r] = last; stage[r] = PAGE; CLR }
#endif
#ifdef FIX0
#define FIXR(r,n) (r == 1 || n == 0)      /* reduction for big runs: R0 stays at node 0 */
#else
#define FIXR(r,n) true
#endif
#define SESSION(r,n) \
  :: d_step { at[r] == NONE && OPEN(r) && !(r == 1 && cut) && FIXR(r,n) -> at[r] = n; stage[r] = SUBW; bsub[n] = true; printf("EV R%d connects to node%d\n", r, n); CLR } \
  READS(r,n) \
  :: d_step { at[r] == n && stage[r] == HREAD -> attach(r, n); CLR } \
  PG1(r,n) \
  :: d_step { at[r] == n && stage[r] == PAGE -> pages(r, n); CLR } \
  :: d_step { at[r] == n && stage[r] == LIVE && nOver > 0 -> nOver--; stage[r] = BEH; printf("EV R%d falls behind\n", r); CLR } \
  :: d_step { at[r] == n && stage[r] == BEH && pos[r] == head[n] && loaded[n] -> stage[r] = LIVE; CLR } \
  :: d_step { at[r] == n && nDropR > 0 -> nDropR--; offses(r); printf("EV R%d connection lost\n", r); CLR }

#define ALICE(n,mm) :: d_step { attA == n && !acked[mm] && st[X(n,mm)] == IDLE && (mm == 1 || acked[1] || st[X(n,1)] != IDLE) -> load(n); st[X(n,mm)] = QUEUED; erev[X(n,mm)] = rev[n]; printf("EV Alice sends m%d to node%d\n", mm, n); CLR }

active proctype Core() {
  do
  :: d_step { attA == NONE && (M1 || M2) && !done -> attA = 0; CLR }
  :: d_step { attA == NONE && (M1 || M2) && !done -> attA = 1; CLR }
  :: d_step { attA != NONE && nDropA > 0 -> nDropA--; attA = NONE; printf("EV Alice loses her connection\n"); CLR }
#if M1
  ALICE(0,1) ALICE(1,1) ENTRY(0,1) ENTRY(1,1)
#endif
#if M2
  ALICE(0,2) ALICE(1,2) ENTRY(0,2) ENTRY(1,2)
#endif
#if MX
  :: d_step { at[1] == 0 && stage[1] >= BEH && !acked[3] && !refused && st[X(0,3)] == IDLE && loaded[0] -> if :: xm[0] -> st[X(0,3)] = QUEUED; erev[X(0,3)] = rev[0] :: else -> indb(3); refused = (f == 0) ; acked[3] = (f != 0) fi; CLR }
  :: d_step { at[1] == 1 && stage[1] >= BEH && !acked[3] && !refused && st[X(1,3)] == IDLE && loaded[1] -> if :: xm[1] -> st[X(1,3)] = QUEUED; erev[X(1,3)] = rev[1] :: else -> indb(3); refused = (f == 0) ; acked[3] = (f != 0) fi; CLR }
  :: d_step { at[1] != NONE && stage[1] >= BEH && st[X(at[1],3)] == REFUSED && !refused -> refused = true; CLR }
  ENTRY(0,3) ENTRY(1,3)
#endif
#if MK
  :: d_step { kseq == 0 && last < MAXS -> load(1); last++; db[last] = 4; kseq = last; xmem = false; dbrev = 1; st[X(1,4)] = COMM; sq[X(1,4)] = last; printf("EV kick commits at %d\n", last); CLR }
  :: d_step { (st[X(1,4)] == COMM || st[X(1,4)] == ROUTED) && !kacked -> kacked = true; CLR }
  ROUTE(1,4)
#endif
  NODE(0) NODE(1)
  SESSION(0,0) SESSION(0,1) SESSION(1,0) SESSION(1,1)
  :: else -> break
  od;
  atomic {
    printf("EV quiescent: last %d pos %d %d\n", last, pos[0], pos[1]);
    m = 1; do :: m > 3 -> break :: else ->
      k = 0; s = 1; do :: s > MAXS -> break :: else -> if :: db[s] == m -> k++ :: else -> skip fi; s++ od;
      assert(k <= 1); assert(!acked[m] || k == 1); assert(!(m == 3 && refused && k == 1)); m++ od;
#if M1
    assert(acked[1]);
#endif
#if M2
    assert(acked[2]);
#endif
#if M1 && M2
    indb(1); k = f; indb(2); assert(k < f);
#endif
    assert(pos[0] == last);
    assert(kseq == 0 -> pos[1] == last : pos[1] == kseq);
    s = 1; do :: s > last -> break :: else ->
      assert(shown[X(0,db[s])]);
      if :: s <= pos[1] -> assert(shown[X(1,db[s])]) :: else -> skip fi; s++ od;
    m = 1; do :: m > 4 -> break :: else -> assert(!(eset[X(0,m)] || (eset[X(1,m)] && !cut))); assert(!(near[X(0,m)] || near[X(1,m)])); m++ od;
    m = 0; k = 0; s = 0; f = 0; i = 0
  }
}
