import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from './chromium.mjs';
import { buildIfStale, installIfStale } from './prepare.mjs';
import { runVitest } from './run-vitest.mjs';
import { conclude, print, ROOT, run } from './tasks.mjs';

await installIfStale();
// A late import, since the dependencies may just have been installed.
const { register } = await import('tsx/esm/api');
register();
const { LONG_PARTS } = await import('./long-parts.ts');
const { shareOf } = await import('./share.ts');

const HELP = `npm run test:long: the tests that are too slow for npm test

  npm run test:long                            runs all parts
  npm run test:long -- --only react,webpack    runs these parts
  npm run test:long -- --share                 runs the parts in turn at this commit, as .ci/run does; about a minute
  npm run test:long -- --list                  lists all parts
  npm run test:long -- --packages              lists the Debian packages that they require in addition to those of npm test
`;

const listOf = (parts) => parts.map(({ name, what }) => `  ${name.padEnd(16)} ${what}\n`).join('');

/** Ends this process because of a wrong argument. */
function refuse(message) {
	process.stderr.write(`${message}\n\n${HELP}\nParts:\n${listOf(LONG_PARTS)}`);
	process.exit(2);
}

/** Returns a number that changes with each commit; without a repository, each day. */
function turnOfNow() {
	try {
		const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
		return Number.parseInt(commit.slice(0, 8), 16);
	} catch {
		return Math.floor(Date.now() / 86_400_000);
	}
}

function partsOf({ only, share }) {
	if (share) return shareOf(LONG_PARTS, turnOfNow());
	if (only === undefined) return LONG_PARTS;
	const names = only.split(',');
	const unknown = names.filter((name) => !LONG_PARTS.some((part) => part.name === name));
	if (unknown.length > 0) refuse(`Unknown part: ${unknown.join(', ')}.`);
	return LONG_PARTS.filter(({ name }) => names.includes(name));
}

function readOptions() {
	try {
		return parseArgs({
			options: {
				only: { type: 'string' },
				share: { type: 'boolean' },
				list: { type: 'boolean' },
				packages: { type: 'boolean' },
				help: { type: 'boolean', short: 'h' },
			},
		}).values;
	} catch (error) {
		return refuse(error.message);
	}
}

const options = readOptions();
if (options.help || options.list) {
	process.stdout.write(options.help ? `${HELP}\nParts:\n${listOf(LONG_PARTS)}` : listOf(LONG_PARTS));
	process.exit(0);
}
const parts = partsOf(options);
if (options.packages) {
	process.stdout.write(parts.flatMap(({ debianPackages = [] }) => debianPackages.map((name) => `${name}\n`)).join(''));
	process.exit(0);
}

await buildIfStale();
process.env.CHROMIUM_PATH = await findChromium();

async function runPart({ name, command: [program, ...args] }) {
	if (program === 'vitest') return runVitest(args, join(ROOT, `test-results/long/${name}.json`));
	const worked = (await run(program, args)) === 0;
	return { passed: Number(worked), failed: Number(!worked) };
}

const sum = { passed: 0, failed: 0 };
const failures = [];
for (const [n, part] of parts.entries()) {
	print(`${n + 1} of ${parts.length}: ${part.name}, ${part.what} …`);
	const started = performance.now();
	const { passed, failed } = await runPart(part);
	sum.passed += passed;
	sum.failed += failed;
	if (failed > 0) failures.push(part.name);
	print(`${part.name}: ${passed} passed, ${failed} failed, ${Math.round((performance.now() - started) / 1000)} s`);
}
if (failures.length > 0) print(`Failed. To repeat: npm run test:long -- --only ${failures.join(',')}`);
conclude(sum);
