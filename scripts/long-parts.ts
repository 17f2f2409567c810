/** One of the things that `npm run test:long` runs. */
export interface LongPart {
	readonly name: string;
	readonly what: string;
	/** Runs at the root of the repository. One of Vitest counts its tests, any other counts as one. */
	readonly command: readonly string[];
	/** How long a quiet machine takes. `.ci/run` runs a part that names it, and is short enough, in its turn. */
	readonly seconds?: number;
}

/** Tests of files that end in `.long.test.ts`, which `npm test` leaves out. */
const vitest = (...filters: string[]) => ['vitest', 'run', '--config', 'vitest.long.config.ts', ...filters];

/** Packed packages, installed and used as their users do. */
function fixture(name: string, what: string, seconds: number): LongPart {
	return { name, what, command: vitest(`e2e/fixtures/${name}.long`), seconds };
}

/** Everything that is too slow for `npm test`. */
export const LONG_PARTS: readonly LongPart[] = [fixture('react', 'the React quick start, built with Vite', 15)];
