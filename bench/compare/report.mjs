// What was measured, as a page: for each work a table with peer, Kith, ratio, what must be shown, and whether it was.
import { shown, shown_spread, spread } from './statistics.mjs';

/** A line of a work, computed: medians and spreads of both, and the verdict (undefined: nothing is asked, or nothing was measured). */
export function line_of({ what, of, kith, peer, must }, results) {
  const values = (name) => (name === undefined ? undefined : spread((results[name] ?? []).map((result) => value_of(of, result))));
  const ours = values(kith);
  const theirs = values(peer);
  const comparable = ours && theirs && ours.median > 0;
  return {
    what, kith, peer, ours, theirs, must: must?.text,
    ratio: comparable ? theirs.median / ours.median : undefined,
    met: must && ours ? must.met(ours.median, theirs?.median) : undefined,
  };
}

// A figure that a run does not have is a gap in the table, not the end of the report.
function value_of(of, result) { try { return of(result); } catch { return undefined; } }

/** Runs in which something was lost, doubled or out of order, or refused: no figure of theirs counts for anything. */
export function faults_of(results) {
  return Object.entries(results).flatMap(([name, runs]) => runs.flatMap((run, i) => {
    const { lost = 0, duplicated = 0, reordered = 0 } = run.totals ?? {};
    if (run.verdict !== 'failed' && lost + duplicated + reordered === 0) return [];
    return [`${name}, run ${i + 1}: lost ${lost}, doubled ${duplicated}, reordered ${reordered}${run.reasons?.length ? `: ${run.reasons.join('; ')}` : ''}`];
  }));
}

const verdict = (met) => (met === undefined ? '' : met ? 'met' : '**not met**');

function table(lines) {
  const rows = lines.map(({ what, theirs, ours, ratio, must, met, peer }) => `| ${what}${peer ? ` (${peer})` : ''} | ${shown_spread(theirs)} | ${shown_spread(ours)} | ${ratio ? `${shown(ratio)} ×` : '–'} | ${must ?? ''} | ${verdict(met)} |`);
  return ['| work | peer | Kith | ratio | must be shown | |', '|---|---:|---:|---:|---|---|', ...rows].join('\n');
}

function counted(results) {
  const totals = { runs: 0, delivered: 0, lost: 0, duplicated: 0, reordered: 0 };
  for (const run of Object.values(results).flat()) {
    if (!run.totals) continue;
    totals.runs += 1;
    for (const key of ['delivered', 'lost', 'duplicated', 'reordered']) totals[key] += run.totals[key] ?? 0;
  }
  if (!totals.runs) return '';
  return `${totals.runs} runs, ${totals.delivered.toLocaleString('en-US')} deliveries verified: lost ${totals.lost}, doubled ${totals.duplicated}, reordered ${totals.reordered}.`;
}

function section({ work, results, error }) {
  const lines = (work.lines ?? []).map((line) => line_of(line, results));
  const faults = faults_of(results);
  const pictures = (work.charts ?? []).map(({ file, title }) => `![${title}](${file})`);
  return [`## ${work.title}`, '', `\`${work.name}\`: ${work.how}`, '', ...(lines.length ? [table(lines), ''] : []), ...pictures,
    ...(pictures.length ? [''] : []), counted(results), ...faults.map((fault) => `- **failed**: ${fault}`), ...(error ? [`- **not measured**: ${error}`] : []), ''].join('\n');
}

function head({ at, commit, machine, options, retries, noisy }) {
  const { cpu, cores, memory_gib, kernel, system, node, sync_ms } = machine;
  return [`# Kith and the peer, ${at.slice(0, 10)}, ${commit}`, '',
    `\`make bench\`: ${options.runs} runs of ${options.seconds} s each, in turn; the median, and in brackets the smallest and largest. A server has`,
    `CPU ${options.server_cpu} alone, the load generator CPU ${options.load_cpu}; fresh data for every run. Server CPU is user and system time of all its threads.`, '',
    '| | |', '|---|---|', `| machine | ${cpu}, ${cores} cores, ${memory_gib} GiB, ${system}, kernel ${kernel} |`,
    `| disk | a page of 8 KiB written and synced: ${shown_spread(sync_ms)} ms |`, `| Kith | ${commit}, release build, \`synchronous=FULL\`, one reactor |`,
    `| peer | bench/peers/node, Node.js ${node}, SQLite \`synchronous=NORMAL\`${options.redis ? '' : '; no Redis on this machine'} |`,
    `| other processes | a run is repeated when they use more than ${options.noise_max} % of a CPU: ${retries} repeated${noisy.length ? `; kept although noisy: ${noisy.join(', ')}` : ''} |`, ''].join('\n');
}

function sum(sections) {
  const lines = sections.flatMap(({ work, results }) => (work.lines ?? []).map((line) => ({ work, ...line_of(line, results) })));
  const asked = lines.filter(({ met }) => met !== undefined);
  const missed = asked.filter(({ met }) => !met);
  const names = missed.map(({ work, what, peer }) => `\`${work.name}\`: ${what}${peer ? ` (${peer})` : ''}`);
  return [`**${asked.length - missed.length} of ${asked.length} targets met.**${names.length ? ` Not met: ${names.join('; ')}.` : ''}`, ''].join('\n');
}

/** The whole page of `sections`: [{work, results: {case: [run]}, error?}]. */
export const page = (run, sections) => [head(run), sum(sections), ...sections.map(section)].join('\n');

/** Whether nothing failed: every run verified, every work measured. Targets are told, not judged: they belong to a quiet machine. */
export const sound = (sections) => sections.every(({ results, error }) => !error && !faults_of(results).length);
