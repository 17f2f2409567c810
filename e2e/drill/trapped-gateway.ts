import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPlanted, makePlantedDirectory, type PlantedLine } from '../../gateway/simulation/plant.ts';

const PACKAGE = fileURLToPath(new URL('../../gateway/package.json', import.meta.url));

/** Names the directory of a node's traps to its process. */
const VARIABLE = 'DRILL_TRAPS';

/** Where a Likes node can be made to die: the last at the next like or comment, the others at one of their kind. */
export type Trap = 'before-answer' | 'before-comment-answer' | 'before-publish';

const isSet = (trap: Trap) => `process.getBuiltinModule('node:fs').existsSync(process.env.${VARIABLE} + '/${trap}')`;
const DIE = `process.kill(process.pid, 'SIGKILL')`;

/** So long after a commit its answers are with those who asked, in milliseconds. */
const ANSWERED_MS = 100;

/** The shipped code has none of this: lines of it, and what a drill builds in their place. */
const TRAPS: Readonly<Record<Trap, readonly PlantedLine[]>> = {
	'before-answer': [dying('likes/likes-service.ts', 'const commit = await store.commit(commands);', 'before-answer')],
	'before-comment-answer': [
		dying(
			'likes/log-service.ts',
			'const commit = await store.append(commands);',
			'before-comment-answer',
			"commands.some(({ kind }) => kind === 'append')",
		),
	],
	'before-publish': [
		silent('likes/likes-service.ts', 'publish(newsOf(region, isAbroad, commands, commit));'),
		silent('likes/log-service.ts', 'publish(logNewsOf(region, commands, commit));'),
	],
};

/** Dies as soon as something is on the disk. */
function dying(file: string, line: string, trap: Trap, condition = 'true'): PlantedLine {
	return { file, line, instead: `${line} if (${condition} && ${isSet(trap)}) ${DIE};` };
}

/** Answers, tells nobody, and dies. */
function silent(file: string, line: string): PlantedLine {
	return {
		file,
		line,
		instead: `if (${isSet('before-publish')}) setTimeout(() => ${DIE}, ${ANSWERED_MS}); else ${line}`,
	};
}

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
		await buildPlanted(entries, join(directory, 'dist'), [...Object.values(TRAPS).flat(), ...bugs]);
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
