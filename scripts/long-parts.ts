import { DRILL } from '../gateway/simulation/mutants/drill.ts';

/** A part of `npm run test:long`. */
export interface LongPart {
	readonly name: string;
	readonly what: string;
	/** The command, run at the root of the repository. Vitest counts its tests; any other command counts as one. */
	readonly command: readonly string[];
	/** The time on an idle machine. `.ci/run` runs short parts with a time in turn. */
	readonly seconds?: number;
	/** The Debian packages that it requires in addition to those of `npm test`. */
	readonly debianPackages?: readonly string[];
}

/** Runs files that end in `.long.test.ts`, which `npm test` leaves out. */
const vitest = (...filters: string[]) => ['vitest', 'run', '--config', 'vitest.long.config.ts', ...filters];

/** Tests of installed packages. */
function fixture(name: string, what: string, seconds: number): LongPart {
	return { name, what, command: vitest(`e2e/fixtures/${name}.long`), seconds };
}

/** Tests in one browser: of likes, tabs and left pages, or of the player and the embed. */
function browser(name: string, what: string, seconds: number, debianPackages: readonly string[] = []): LongPart {
	return { name, what, command: vitest(`e2e/browsers/${name}.long`), seconds, debianPackages };
}

/** Slow tests, or tests in real time. */
function slow(name: string, what: string, file: string, seconds: number): LongPart {
	return { name, what, command: vitest(`${file}.long`), seconds };
}

/** All mutants of one simulation: for each, the search ends at the first schedule with its violation. */
function mutants(simulation: string, seconds: number): LongPart {
	const file = `gateway/simulation/mutants/${simulation}.long`;
	return {
		name: `mutants-${simulation}`,
		what: `the simulation of ${simulation}, with each of its mutants`,
		command: vitest(file),
		seconds,
	};
}

/** One mutant of the drill, so that each fits into a share. */
function drillMutant(mutant: string, index: number): LongPart {
	return {
		name: `drill-mutant-${index + 1}`,
		what: `the drill fails where ${mutant}`,
		command: vitest('e2e/drill/drill-mutants.long', '-t', mutant),
		seconds: 50,
	};
}

/** All parts that are too slow for `npm test`. */
export const LONG_PARTS: readonly LongPart[] = [
	slow('coverage', 'simulations: no path is left out', 'gateway/simulation/coverage', 55),
	mutants('cluster', 60),
	mutants('regions', 90),
	mutants('presence', 60),
	mutants('signals', 10),
	...Object.keys(DRILL).map(drillMutant),
	slow('people', 'killed and stopped owners of presence', 'gateway/src/dispatcher/presence/owners-of-users', 45),
	slow('vanished', 'WebSockets whose clients vanished', 'gateway/src/frontend/vanished-socket', 32),
	slow('hanging-worker', 'a worker that hangs is killed', 'gateway/src/workers/hanging-worker', 35),
	browser('chromium', 'likes, tabs and left pages, in Chromium', 35),
	browser('firefox', 'likes, tabs and left pages, in Firefox', 45, ['firefox-esr']),
	browser('webkitgtk', 'likes, tabs and left pages, in WebKitGTK', 30, ['webkit2gtk-driver', 'xvfb']),
	browser('player-firefox', 'the player and the embed, in Firefox', 75, ['firefox-esr']),
	browser('embed-webkitgtk', 'the embed, in WebKitGTK', 10, ['webkit2gtk-driver', 'xvfb']),
	fixture('packages', 'npm pack in a clone without a build, and npx', 90),
	fixture('html', 'the quick start without a bundler: script tag, import map', 20),
	fixture('react', 'the React quick start, built with Vite', 15),
	fixture('next', 'the Next.js quick start, rendered on its server', 60),
	fixture('react-native', 'the React Native sample: bundled by Metro, in its globals, and in Hermes', 90),
	fixture('vue', 'the Vue quick start, built with Vite', 15),
	fixture('node', 'the Node quick start: a backend with tokens, and a viewer', 15),
	fixture('bun', 'a backend in Bun: every call of @likewire/server', 30),
	fixture('deno', 'a backend in Deno: every call of @likewire/server', 30),
	fixture('edge', 'a backend in workerd and in edge-runtime: every call of @likewire/server', 60),
	fixture('webpack', 'a page that webpack bundles', 15),
	fixture('esbuild', 'a page that esbuild bundles', 15),
	fixture('commonjs', 'plain require in Node 20 and 22, and Jest', 40),
	fixture('types', 'types, for each way to resolve modules', 30),
];
