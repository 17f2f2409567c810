import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	type BalancedNode,
	type Balancer,
	type BalancerOptions,
	fillIn,
	findProgram,
	readTemplate,
	startBalancer,
} from './balancer.ts';

/** Returns the file of HAProxy; undefined when it is not installed. */
export const findHaproxy = () => findProgram('haproxy');

/** Returns `docs/proxies/haproxy.cfg` with the ports of frontends on loopback. */
export function haproxyConfig(frontends: readonly BalancedNode[], port: number): string {
	const config = fillIn(readTemplate('haproxy.cfg'), /^\tbind :8080$/, `\tbind 127.0.0.1:${port}`);
	// Each backend of the example lists its servers, one a line.
	return config.replaceAll(/(?:^\tserver .*\n)+/gm, (example) => {
		const isChecked = !example.includes('no-check');
		const servers = frontends.map(({ node, port: public_, internalPort }) => {
			return `\tserver ${node} 127.0.0.1:${public_} ${isChecked ? `check port ${internalPort}` : 'no-check'}\n`;
		});
		return servers.join('');
	});
}

/** Starts HAProxy in front of frontends. Rejects when it is not installed or does not serve. */
export function startHaproxy(options: BalancerOptions): Promise<Balancer> {
	return startBalancer(
		{
			program: 'haproxy',
			debianPackage: 'haproxy',
			configure(directory, port) {
				const config = join(directory, 'haproxy.cfg');
				writeFileSync(config, haproxyConfig(options.frontends, port));
				// -db keeps HAProxy in the foreground, in one process.
				return ['-db', '-f', config];
			},
		},
		options,
	);
}
