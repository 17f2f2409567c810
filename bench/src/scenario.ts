import type { GatewayOptions } from './processes/gateway-process.ts';
import type { ViewerClient } from './viewers/viewer-client.ts';

/** One measured value. */
export interface Figure {
	readonly label: string;
	readonly value: number;
	readonly unit: string;
	/** What it should reach; printed beside it and never asserted, since machines differ. */
	readonly target?: { readonly bound: 'at most' | 'at least' | 'under'; readonly value: number };
}

/** Something that must hold on any machine. */
export interface Check {
	readonly label: string;
	readonly ok: boolean;
	/** The values that were compared. */
	readonly detail: string;
}

export interface ScenarioResult {
	readonly figures: readonly Figure[];
	readonly checks: readonly Check[];
	/** Everything else, for the JSON. */
	readonly details: Readonly<Record<string, unknown>>;
}

export interface ScenarioOptions {
	readonly gateway: GatewayOptions;
	readonly client: ViewerClient;
	readonly viewers: number;
	/** How long the load lasts. */
	readonly seconds: number;
	/** It is to be seen whether it works, not how fast. */
	readonly quick: boolean;
	/** Tells how far it is. */
	readonly progress: (text: string) => void;
}

export interface Scenario {
	readonly name: string;
	/** What it finds out. */
	readonly about: string;
	/** Seconds of load when none are given. */
	readonly seconds: number;
	run(options: ScenarioOptions): Promise<ScenarioResult>;
}
