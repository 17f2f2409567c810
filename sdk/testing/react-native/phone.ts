import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import type * as Sdk from '../../src/react-native/core.ts';
import type { AppStateLike, NetInfoLike, NetworkState } from '../../src/react-native/environment.ts';
import type { KeyValueStorage } from '../../src/writes/kept-taps.ts';
import { AS_HERMES } from './as-hermes.ts';
import { type Run, reactNativeGlobals } from './globals.ts';

const ENTRY = fileURLToPath(new URL('../../src/react-native/core.ts', import.meta.url));

let code: Promise<string> | undefined;

/** Returns the SDK in one file, as Metro makes it: the modules that a page loads later are in it. */
async function bundle(): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: [ENTRY],
		bundle: true,
		write: false,
		format: 'iife',
		globalName: 'sdk',
	});
	return outputFiles[0]?.text ?? '';
}

/** Creates a storage as `@react-native-async-storage/async-storage`. */
function createStorage(): KeyValueStorage & { readonly items: ReadonlyMap<string, string> } {
	const items = new Map<string, string>();
	return {
		items,
		getAllKeys: async () => [...items.keys()],
		getItem: async (key) => items.get(key) ?? null,
		setItem: async (key, value) => void items.set(key, value),
		removeItem: async (key) => void items.delete(key),
	};
}

/** A phone with one app. Its storage outlives each start of the app. */
export class Phone {
	readonly storage = createStorage();
	readonly appState: AppStateLike;
	readonly netInfo: NetInfoLike;
	#state = 'active';
	#network: NetworkState = { type: 'wifi', isConnected: true };
	#run: Run | undefined;
	/** How far its clock is ahead, in milliseconds. */
	#aheadMs = 0;
	/** `Math.random` of its app. */
	readonly #random: () => number;
	/** Timers that were due in the background: Android holds them until the app is active. */
	readonly #held = new Set<() => void>();
	readonly #appListeners = new Set<(state: string) => void>();
	readonly #networkListeners = new Set<(state: NetworkState) => void>();

	constructor({ random = Math.random } = {}) {
		const phone = this;
		this.#random = random;
		this.appState = {
			get currentState() {
				return phone.#state;
			},
			addEventListener(_, listener) {
				phone.#appListeners.add(listener);
				return { remove: () => phone.#appListeners.delete(listener) };
			},
		};
		this.netInfo = {
			addEventListener(listener) {
				phone.#networkListeners.add(listener);
				listener(phone.#network);
				return () => phone.#networkListeners.delete(listener);
			},
		};
	}

	/** Starts the app: the SDK in a context that has the globals of React Native and no others. */
	async start(): Promise<typeof Sdk> {
		code ??= bundle();
		const run: Run = { dead: false, ends: [] };
		this.#run = run;
		const context = createContext(reactNativeGlobals(run, (due) => this.#due(due)));
		runInContext(AS_HERMES, context);
		runInContext(
			'(aheadMs) => { const now = Date.now; Date.now = () => now() + aheadMs(); }',
			context,
		)(() => this.#aheadMs);
		runInContext('(random) => { Math.random = random; }', context)(this.#random);
		runInContext(await code, context);
		return runInContext('sdk', context);
	}

	/** Starts the app and makes a client, for the current test. */
	async open(options: Parameters<typeof Sdk.createClient>[0]): Promise<Sdk.Client> {
		const { createClient } = await this.start();
		const { appState, netInfo, storage } = this;
		const live = createClient({ user: 'ann', appState, netInfo, storage, ...options });
		onTestFinished(() => live.close());
		return live;
	}

	/** Ends the app as the user or the system does. */
	kill(): void {
		if (this.#run === undefined) return;
		this.#run.dead = true;
		for (const end of this.#run.ends) end();
		this.#appListeners.clear();
		this.#networkListeners.clear();
		this.#held.clear();
	}

	setAppState(state: 'active' | 'inactive' | 'background'): void {
		this.#state = state;
		if (state === 'active') for (const due of this.#held) due();
		if (state === 'active') this.#held.clear();
		for (const listener of [...this.#appListeners]) listener(state);
	}

	setNetwork(network: NetworkState): void {
		this.#network = network;
		for (const listener of [...this.#networkListeners]) listener(network);
	}

	/** Moves its clock ahead. */
	pass(ms: number): void {
		this.#aheadMs += ms;
	}

	#due(due: () => void): void {
		if (this.#state === 'background') this.#held.add(due);
		else due();
	}
}
