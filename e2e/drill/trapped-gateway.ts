import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPlanted, makePlantedDirectory, type PlantedLine } from '../../gateway/simulation/plant.ts';

const PACKAGE = fileURLToPath(new URL('../../gateway/package.json', import.meta.url));

/** Names the directory of a node's traps to its process. */
const VARIABLE = 'DRILL_TRAPS';

/** Where a Likes node can be made to die. */
export type Trap = 'before-answer' | 'before-publish';

const isSet = (trap: Trap) => `process.getBuiltinModule('node:fs').existsSync(process.env.${VARIABLE} + '/${trap}')`;
const DIE = `process.kill(process.pid, 'SIGKILL')`;

/** So long after a commit its answers are with those who asked, in milliseconds. */
const ANSWERED_MS = 100;

/** The shipped code has none of this: lines of it, and what a drill builds in their place. */
const TRAPS: Readonly<Record<Trap, PlantedLine>> = {
	'before-answer': {
		file: 'likes/likes-service.ts',
		line: 'const commit = await store.commit(commands).catch(unavailable);',
		instead: `const commit = await store.commit(commands).catch(unavailable);
			if (${isSet('before-answer')}) ${DIE};`,
	},
	'before-publish': {
		file: 'likes/likes-service.ts',
		line: 'publish(newsOf(region, commands, commit));',
		instead: `if (${isSet('before-publish')}) setTimeout(() => ${DIE}, ${ANSWERED_MS});
			else publish(newsOf(region, commands, commit));`,
	},
};

/** A gateway that is built with traps, and perhaps with bugs. */
export interface TrappedGateway {
	/** Its main file. */
	readonly file: string;
	/** What its processes need in their environment. */
	readonly env: Readonly<Record<string, string>>;
	/** From now on the node dies there. */
	set(trap: Trap): void;
	/** Takes all traps away. */
	clear(): void;
	/** Removes what was built; may be called twice. */
	remove(): void;
}

/** Builds a gateway that can be made to die where it hurts. Rejects when the lines for that are not where they were. */
export async function buildTrappedGateway(bugs: readonly PlantedLine[] = []): Promise<TrappedGateway> {
	const directory = makePlantedDirectory();
	const traps = mkdtempSync(join(directory, 'traps-'));
	const remove = () => {
		rmSync(directory, { recursive: true, force: true });
		process.off('exit', remove);
	};
	process.once('exit', remove);
	try {
		const entries = { main: 'src/main.ts', 'sqlite-worker': 'src/store/sqlite-worker.ts' };
		await buildPlanted(entries, join(directory, 'dist'), [...Object.values(TRAPS), ...bugs]);
		// A gateway reads its version beside its code.
		copyFileSync(PACKAGE, join(directory, 'package.json'));
	} catch (error) {
		remove();
		throw error;
	}
	return {
		file: join(directory, 'dist/main.js'),
		env: { [VARIABLE]: traps },
		set: (trap) => writeFileSync(join(traps, trap), ''),
		clear() {
			for (const trap of Object.keys(TRAPS)) if (existsSync(join(traps, trap))) rmSync(join(traps, trap));
		},
		remove,
	};
}
