import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeOwnedDirectory } from '../../local-cluster/cleanup.ts';
import { ATTACKS } from './attacks.ts';
import { LARGE_FILE } from './resource-attacks.ts';
import { type Result, runAttacks } from './run.ts';
import { resultsTable } from './table.ts';
import { LIMITS, startTarget } from './target.ts';

/** The duration of an attack, in milliseconds. */
const LASTS_MS = 12_000;
const SHORT_MS = 2_000;

const HELP = `npm run attacks -- [--flag …]

Attacks a gateway of its own, with ${LIMITS.heapMb} MB of heap and ${LIMITS.descriptors} descriptors, in front of honest viewers and a liker.
Fails when the gateway ends, takes too much memory, accepts what it should refuse, or an honest viewer misses a like.

${ATTACKS.map(({ name, about, short }) => `  ${name.padEnd(30)} ${about}${short ? ' *' : ''}`).join('\n')}

  --short      runs the attacks with a star, each for ${SHORT_MS / 1000} s instead of ${LASTS_MS / 1000} s
  --only TEXT  runs the attacks with TEXT in their names
  --gateway FILE  attacks the gateway of this main file, for example of another version, instead of the built one

The table shows: what the gateway answered; its resident memory before the attack and its peak; seconds of CPU of its process;
likes that honest users sent during the attack; how often a viewer received one after more than 2 s, or never.
`;

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			help: { type: 'boolean', short: 'h', default: false },
			short: { type: 'boolean', default: false },
			only: { type: 'string', default: '' },
			gateway: { type: 'string' },
		},
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
	const chosen = ATTACKS.filter(({ name, short }) => (short || !values.short) && name.includes(values.only));
	const site = makeOwnedDirectory();
	writeFileSync(join(site, LARGE_FILE.name), Buffer.alloc(LARGE_FILE.bytes));
	const results: Result[] = [];
	for (const mode of ['development', 'tokens'] as const) {
		const attacks = chosen.filter((attack) => attack.mode === mode);
		if (attacks.length === 0) continue;
		const target = await startTarget({ mode, staticDir: site, file: values.gateway });
		await runAttacks(target, attacks, values.short ? SHORT_MS : LASTS_MS, (result) => {
			results.push(result);
			process.stdout.write(`${result.attack.name}: ${result.failures.join('; ') || 'survived'}\n`);
		});
		await target.stop();
	}
	results.sort((one, other) => ATTACKS.indexOf(one.attack) - ATTACKS.indexOf(other.attack));
	process.stdout.write(`\n${resultsTable(results)}\n`);
	return results.length === chosen.length && results.every(({ failures }) => failures.length === 0) ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
	process.stderr.write(`attacks: ${error instanceof Error ? error.message : error}\n`);
	return 2;
});
process.exit();
