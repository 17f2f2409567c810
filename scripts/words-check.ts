import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './packed-packages.ts';
import { type Exception, replacedWordsIn } from './words.ts';

/** What is checked: folders, files or patterns, as `git ls-files` takes them. */
const CHECKED = [
	':(glob)*.md',
	'bench',
	'demo-app',
	'docs',
	'e2e',
	'examples',
	'gateway/src/regions',
	'gateway/src/store',
	'gateway/test',
	':(glob)gateway/src/*.ts',
	'gateway/src/cluster',
	'gateway/src/config',
	'gateway/src/dispatcher',
	'gateway/src/ingest',
	'gateway/src/outbox',
	'gateway/src/process',
	'gateway/src/runtime',
	'gateway/src/state',
	'gateway/src/api',
	'gateway/src/auth',
	'gateway/src/frontend',
	'gateway/src/http',
	'gateway/src/socket',
	'gateway/simulation',
	'local-cluster',
	'protocol',
	'scripts',
	'sdk',
	'server/*.json',
	'server/*.md',
	'server/src',
];

/** What is not: generated text, licences, pictures, and the list itself. */
const UNCHECKED = /^docs\/api\/|LICENSE|CHANGELOG|^scripts\/words|\.(?:jpg|mp4|png|webm|webp|woff2)$/;

/** Lines that quote a word as other programs, browsers or the code print it. */
const EXCEPTIONS: readonly Exception[] = [
	// Log lines of the gateway.
	{ file: 'docs/operations/troubleshooting.md', text: '`there is less to do again`' },
	{ file: 'docs/operations/troubleshooting.md', text: '`etcd tells nothing' },
	{ file: 'docs/operations/troubleshooting.md', text: '`there is more than one Likes node`' },
	{ file: 'docs/operations/troubleshooting.md', text: 'what it lacks waits' },
	{ file: 'docs/operations/troubleshooting.md', text: '`both say who is there`' },
	// A method of Membership, and its result.
	{ file: 'gateway/test/members.ts', text: '.heard(' },
	// A part of the regions, whose words are not checked yet.
	{ file: 'gateway/src/node-routes.ts', text: 'elsewhere: regions.elsewhere' },
	// Names in the code of the cluster and of the dispatcher.
	{ file: 'gateway/simulation/mutants/presence.ts', text: 'this.#tell(' },
	{ file: 'gateway/simulation/node/calls.ts', text: "'heard'" },
	{ file: 'gateway/simulation/node/calls.ts', text: 'membership.heard(' },
	{ file: 'gateway/simulation/node/node.ts', text: "'heard'" },
	{ file: 'gateway/simulation/node/node.ts', text: 'membership.heard(' },
	// A field of the protocol between nodes.
	{ file: 'gateway/src/cluster/membership/membership.ts', text: 'hears' },
	{ file: 'gateway/src/cluster/rpc/messages.ts', text: 'hears: z.array' },
	{ file: 'bench/sinks/sinks.c', text: '\\"hears\\"' },
];

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...CHECKED], {
	cwd: ROOT,
	encoding: 'utf8',
});

// The index also names files that were removed since.
const files = listed.split('\0').filter((name) => name !== '' && !UNCHECKED.test(name) && existsSync(join(ROOT, name)));

for (const file of files) {
	for (const finding of replacedWordsIn(file, readFileSync(join(ROOT, file), 'utf8'), EXCEPTIONS)) {
		console.error(finding);
		process.exitCode = 1;
	}
}
