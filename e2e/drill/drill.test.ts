import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PlantedLine } from '../../gateway/simulation/plant.ts';
import { testDirectory } from '../../gateway/test/temporary-directory.ts';
import { hasPostgres } from '../cluster/local-postgres.ts';
import { drill, exitCodeOf, type Result } from './drill.ts';
import type { Fault } from './fault.ts';
import { FAULTS } from './faults/all.ts';
import type { Topology } from './topology.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the drill as `npm run drill` does. */
function startDrill(...args: string[]): {
	readonly child: ChildProcess;
	readonly ended: Promise<[number | null, string]>;
} {
	const env = { ...process.env };
	delete env.NODE_OPTIONS;
	const command = ['--import', 'tsx', 'e2e/drill/main.ts', ...args];
	const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
	onTestFinished(() => {
		child.kill('SIGTERM');
	});
	let written = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			written += text;
		});
	}
	const ended = new Promise<[number | null, string]>((resolve) => {
		child.once('close', (code) => resolve([code, written]));
	});
	return { child, ended };
}

describe('npm run drill', () => {
	it('finds a cluster that loses no like, short as it is', { timeout: 240_000 }, async () => {
		const json = join(testDirectory(), 'drill.json');
		const [code, written] = await startDrill('--short', '--seconds', '5', '--viewers', '24', '--json', json).ended;
		expect(code, written).toBe(0);
		const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: Result[] };
		const mayLackPostgres = !hasPostgres() && process.env.CI === undefined;
		const expected = FAULTS.filter(({ short }) => short).map(({ name, topology }) => [
			name,
			topology.regions && mayLackPostgres ? 'skipped' : 'pass',
		]);
		expect(results.map(({ fault, verdict }) => [fault.name, verdict])).toEqual(expected);
		for (const { seen, verdict } of results) {
			if (verdict === 'skipped') continue;
			expect(seen?.audit).toMatchObject({ accepted: seen?.audit.stored, lost: 0, doubled: 0 });
			expect(seen?.audit.accepted).toBeGreaterThan(100);
		}
		for (const [name, verdict] of expected) {
			expect(written).toMatch(new RegExp(`\\| ${name} .*\\| +${verdict} +\\|`));
		}
	});

	it('says what it cannot do', async () => {
		const [[unknown, text], [wrong]] = await Promise.all([
			startDrill('--only', 'earthquake').ended,
			startDrill('--seconds', 'many').ended,
		]);
		expect([unknown, wrong]).toEqual([2, 2]);
		expect(text).toMatch(/no fault 'earthquake'; there are: nothing, frontend-killed/);
	});
});

/** Enough of a cluster for a mistake to show. */
const SMALL: Topology = { likes: 1, dispatchers: 2, frontends: 2, trapped: true };

/** Two regions of that. */
const SMALL_REGIONS: Topology = { regions: ['eu', 'us'], likes: 1, dispatchers: 1, frontends: 1, proxied: true };

/** Runs one fault on a small cluster whose every node has a bug, or several. */
async function drillWith(bug: PlantedLine | readonly PlantedLine[], name: string, topology = SMALL): Promise<Result[]> {
	const faults = FAULTS.flatMap((fault): Fault[] => (fault.name === name ? [{ ...fault, topology }] : []));
	return drill(faults, {
		seed: 1,
		viewers: 12,
		likesPerSecond: 40,
		commentsPerSecond: 10,
		lastsMs: 2_000,
		ownNetwork: false,
		bugs: [bug].flat(),
		say: () => undefined,
	});
}

describe('the drill', () => {
	it('fails a gateway that counts a like again when it is sent again', { timeout: 150_000 }, async () => {
		const counted = `return { kind: 'duplicate', id: given?.id ?? id };`;
		const bug = {
			file: 'store/sqlite-likes.ts',
			line: counted,
			instead: `gains.add(video, type, 1); ${counted}`,
		};
		const results = await drillWith(bug, 'likes-killed-before-answer');
		expect(results).toMatchObject([{ verdict: 'FAIL', reasons: [expect.stringMatching(/^\d+ likes doubled$/)] }]);
		expect(exitCodeOf(results, { maySkip: true })).toBe(1);
	});

	it('fails a gateway that does not flood when the owner of a video is gone', { timeout: 150_000 }, async () => {
		const flooding = 'this.deliverAll(this.#view.frontends, updates);';
		const bug = { file: 'cluster/router.ts', line: flooding, instead: '' };
		const results = await drillWith(bug, 'owner-killed');
		expect(results).toMatchObject([{ verdict: 'FAIL', reasons: [expect.stringMatching(/viewers astray/)] }]);
	});

	it('fails a gateway that does not store every like that it answers', { timeout: 150_000 }, async () => {
		const counted = `this.#statements.add.run(video, id, user, type, at, null);`;
		const bug = { file: 'store/sqlite-likes.ts', line: counted, instead: `if (!id.endsWith('0')) ${counted}` };
		const results = await drillWith(bug, 'nothing');
		expect(results).toMatchObject([
			{ verdict: 'FAIL', reasons: expect.arrayContaining([expect.stringMatching(/likes lost$/)]) },
		]);
	});

	it('fails a gateway that stores a comment again when it is sent again', { timeout: 180_000 }, async () => {
		const known = 'if (known !== undefined) {';
		const bug = { file: 'store/sqlite-log.ts', line: known, instead: 'if (known !== undefined && at < 0) {' };
		const results = await drillWith(bug, 'likes-killed-before-comment-answer');
		expect(results).toMatchObject([
			{ verdict: 'FAIL', reasons: expect.arrayContaining([expect.stringMatching(/^\d+ comments stored twice$/)]) },
		]);
	});

	it('fails a gateway that begins anew for who comes back, and says nothing of it', { timeout: 300_000 }, async () => {
		const bug = { file: 'frontend/connection.ts', line: 'this.#resume = resume;', instead: '' };
		const results = await drillWith(bug, 'frontend-killed');
		expect(results).toMatchObject([
			{ verdict: 'FAIL', reasons: expect.arrayContaining([expect.stringMatching(/^\d+ comments missing at viewers/)]) },
		]);
	});

	it('fails a gateway that repeats comments, and tells them backwards, to who comes back', {
		timeout: 90_000,
	}, async () => {
		const file = 'frontend/log-part.ts';
		const behind = 'for (const entry of this.#ring.behind(from)) {';
		const bugs = [
			{
				file,
				line: '{ epoch, offset: 0 } : at;',
				instead: '{ epoch, offset: 0 } : { ...at, offset: at.offset - 1 };',
			},
			{ file, line: behind, instead: 'for (const entry of [...this.#ring.behind(from)].reverse()) {' },
		];
		const results = await drillWith(bugs, 'frontend-killed');
		expect(results).toMatchObject([{ verdict: 'FAIL', seen: expect.anything() }]);
		expect(results[0]?.reasons).toEqual(
			expect.arrayContaining([
				expect.stringMatching(/^\d+ comments doubled at viewers$/),
				expect.stringMatching(/^\d+ comments out of order at viewers$/),
			]),
		);
	});

	it.skipIf(!hasPostgres() && process.env.CI === undefined)(
		'fails a gateway that stores what another region says and does not show it',
		{ timeout: 150_000 },
		async () => {
			const shown = 'publish(updates);';
			const bug = { file: 'regions/region-link.ts', line: shown, instead: '' };
			const results = await drillWith(bug, 'relays-mangled', SMALL_REGIONS);
			expect(results).toMatchObject([
				{ verdict: 'FAIL', reasons: expect.arrayContaining([expect.stringMatching(/viewers astray/)]) },
			]);
		},
	);

	it('skips what the machine does not allow, and says so', async () => {
		const faults = FAULTS.filter(({ needsOwnNetwork }) => needsOwnNetwork);
		const options = {
			seed: 1,
			viewers: 1,
			likesPerSecond: 1,
			commentsPerSecond: 1,
			ownNetwork: false,
			say: () => undefined,
		};
		const results = await drill(faults, options);
		expect(results).toMatchObject([{ verdict: 'skipped', reasons: [expect.stringMatching(/network namespace/)] }]);
		expect([true, false].map((maySkip) => exitCodeOf(results, { maySkip }))).toEqual([0, 1]);
	});
});
