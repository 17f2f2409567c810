import { type GatewayProcess, startGateway } from './processes/gateway-process.ts';
import type { ScenarioOptions } from './scenario.ts';
import { createViewers, type Viewers } from './viewers/viewers.ts';

/** The video of the benchmarks. */
export const VIDEO = 'bench';

export interface BenchEnvironment {
	readonly gateway: GatewayProcess;
	readonly viewers: Viewers;
}

/** Runs `play` with a new gateway and viewers, and removes both after it. */
export async function withEnvironment<Result>(
	{ gateway: options, client }: ScenarioOptions,
	flags: readonly string[],
	play: (environment: BenchEnvironment) => Promise<Result>,
): Promise<Result> {
	const gateway = await startGateway({ ...options, flags });
	const viewers = createViewers(client, gateway.port, VIDEO);
	try {
		return await play({ gateway, viewers });
	} finally {
		await viewers.close();
		await gateway.remove();
	}
}

/** Polls until `done`, for at most `timeoutMs`. Resolves with whether it was done. */
export async function until(
	done: () => Promise<boolean> | boolean,
	timeoutMs: number,
	everyMs = 200,
): Promise<boolean> {
	const end = performance.now() + timeoutMs;
	while (!(await done())) {
		if (performance.now() > end) return false;
		await after(everyMs);
	}
	return true;
}

/** Resolves after a delay in milliseconds. */
export function after(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
