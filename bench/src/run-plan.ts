import type { GatewayBuild } from './processes/gateway-process.ts';
import type { Scenario } from './scenario.ts';
import { UsageError } from './usage-error.ts';

/** One run of one scenario. */
export interface PlannedRun {
	readonly scenario: Scenario;
	readonly gateway: GatewayBuild;
	/** The number of this run among those of its scenario and gateway, from 1. */
	readonly round: number;
}

/**
 * Returns the runs in their order: all scenarios once, then again, and the gateways in turn within each scenario. A machine
 * that slows down in the course of an hour then slows all of them alike.
 */
export function planRuns(
	scenarios: readonly Scenario[],
	gateways: readonly GatewayBuild[],
	repeat: number,
): PlannedRun[] {
	const rounds = Array.from({ length: repeat }, (_, index) => index + 1);
	return rounds.flatMap((round) =>
		comparable(scenarios, gateways).flatMap((scenario) => gateways.map((gateway) => ({ scenario, gateway, round }))),
	);
}

/**
 * Returns the scenarios that can compare these gateways: all of them with a single one. Throws a UsageError when none can.
 */
export function comparable(scenarios: readonly Scenario[], gateways: readonly GatewayBuild[]): Scenario[] {
	const able = scenarios.filter(({ ownCode }) => gateways.length === 1 || !ownCode);
	if (able.length > 0) return able;
	const names = scenarios.map(({ name }) => name).join(', ');
	throw new UsageError(`${names}: measured in this checkout, so several --gateway would be the same`);
}
