import type { GatewayOptions } from './processes/gateway-process.ts';
import type { ViewerClient } from './viewers/viewer-client.ts';

/** One measured value. */
export interface Figure {
	readonly label: string;
	readonly value: number;
	readonly unit: string;
	/** The target. It is printed, and never asserted, since machines differ. */
	readonly target?: { readonly bound: 'at most' | 'at least' | 'under'; readonly value: number };
	/**
	 * Whether it is the rate of a bare program that does the same work on the same machine in the same run. Comparisons then take
	 * the rates and times of the scenario in relation to it.
	 */
	readonly isFloor?: boolean;
}

/** A condition that must hold on any machine. */
export interface Check {
	readonly label: string;
	readonly ok: boolean;
	/** The compared values. */
	readonly detail: string;
}

/** What a scenario measured by a variable. */
export interface Plot {
	/** Its name in files, unique in the scenario. */
	readonly name: string;
	readonly title: string;
	/** The axes, with their units. */
	readonly x: string;
	readonly y: string;
	/** The axes with a logarithmic scale, for values of several magnitudes. */
	readonly logarithmic: 'none' | 'x' | 'both';
	/** A line may have several values of one x. */
	readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
}

export interface ScenarioResult {
	readonly figures: readonly Figure[];
	readonly checks: readonly Check[];
	/** For scenarios with a variable. */
	readonly plots?: readonly Plot[];
	/** Further values for the JSON. */
	readonly details: Readonly<Record<string, unknown>>;
}

export interface ScenarioOptions {
	readonly gateway: GatewayOptions;
	readonly client: ViewerClient;
	readonly viewers: number;
	/** The time of load. */
	readonly seconds: number;
	/** Whether to run a short test of the benchmark instead of a measurement. */
	readonly quick: boolean;
	/** Reports the progress. */
	readonly progress: (text: string) => void;
}

export interface Scenario {
	readonly name: string;
	/** What it measures. */
	readonly about: string;
	/** The default time of load, in seconds. */
	readonly seconds: number;
	/** Whether it measures the code of this checkout in its own process, whatever build of the gateway is measured. */
	readonly ownCode?: boolean;
	run(options: ScenarioOptions): Promise<ScenarioResult>;
}
