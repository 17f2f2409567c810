import { parseArgs } from 'node:util';
import { Counts } from './engine/counts.ts';
import { simulate } from './scenarios/cluster.ts';
import { simulatePresence } from './scenarios/presence.ts';
import { simulateRegions } from './scenarios/regions.ts';
import { simulateSignals } from './scenarios/signals.ts';

const HELP = `Usage: npm run simulate -- [--schedules 10000] [--seed 1] [--of cluster|regions|presence|signals]

Runs clusters of the gateway's state machines, or regions of clusters, through random schedules of faults and checks what
every viewer receives.
  --schedules N  the number of schedules (10000)
  --seed N       the seed of the first schedule; each next one has the next seed (1)
  --of WHAT      the nodes of one region (cluster), two and three regions (regions), presence, or typing and signals
                 of servers (signals)

When a schedule fails, it prints the seed; --seed N --schedules 1 runs the schedule again. At the end it prints the
number of times that each path was taken.
`;

const { values } = parseArgs({
	options: {
		schedules: { type: 'string', default: '10000' },
		seed: { type: 'string', default: '1' },
		of: { type: 'string', default: 'cluster' },
		help: { type: 'boolean', short: 'h', default: false },
	},
});
if (values.help) {
	process.stdout.write(HELP);
	process.exit(0);
}

const SIMULATIONS: Readonly<Record<string, typeof simulate>> = {
	cluster: simulate,
	regions: simulateRegions,
	presence: simulatePresence,
	signals: simulateSignals,
};

const run = SIMULATIONS[values.of];
const schedules = Number(values.schedules);
const first = Number(values.seed);
if (run === undefined || !Number.isSafeInteger(schedules) || schedules < 1 || !Number.isSafeInteger(first)) {
	process.stderr.write(
		`--schedules and --seed require whole numbers; --of requires cluster, regions, presence or signals\n\n${HELP}`,
	);
	process.exit(2);
}
let likes = 0;
let comments = 0;
let connections = 0;
const counts = new Counts();
for (let seed = first; seed < first + schedules; seed++) {
	try {
		const summary = await run(seed);
		likes += summary.likes;
		comments += summary.comments;
		connections += summary.connections;
		counts.addAll(summary.counts.entries());
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		console.error(
			`seed ${seed} fails; run it again with: npm run simulate -- --of ${values.of} --seed ${seed} --schedules 1`,
		);
		process.exit(1);
	}
	const done = seed - first + 1;
	if (done % 1_000 === 0) console.error(`${done} of ${schedules} schedules`);
}
for (const [name, count] of counts.entries()) console.log(`${String(count).padStart(10)}  ${name}`);
console.log(
	`${schedules} schedules, ${likes} likes, ${comments} comments, ${connections} connections: every total was exact`,
);
