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

/** Returns the file of nginx; undefined when it is not installed. */
export const findNginx = () => findProgram('nginx');

/** The access log in its directory: nginx cannot open the pipe to this process. */
const ACCESS_LOG = 'access.log';

/** Returns `docs/proxies/nginx.conf` with the ports of frontends on loopback. */
export function nginxConfig(frontends: readonly BalancedNode[], port: number, accessLog: string): string {
	const listening = fillIn(readTemplate('nginx.conf'), /^\tlisten 8080;$/, `\tlisten 127.0.0.1:${port};`);
	const config = fillIn(listening, /\/var\/log\/nginx\/likewire\.log/, accessLog);
	// The example lists its servers twice, the second time as the last resort.
	return config.replaceAll(/(?:^\tserver \d.*\n)+/gm, (example) => {
		const parameters = /:8080 (.*;)/.exec(example)?.[1];
		return frontends
			.map((frontend) => `\tserver 127.0.0.1:${frontend.port} ${parameters} # ${frontend.node}\n`)
			.join('');
	});
}

/** Returns the main configuration, with all files in the directory. */
function mainConfig(directory: string): string {
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
	return [
		// By default the workers of root run as another user, which cannot enter the directory.
		...(process.getuid?.() === 0 ? ['user root;'] : []),
		'daemon off;',
		'worker_processes 1;',
		`pid ${join(directory, 'nginx.pid')};`,
		'error_log stderr error;',
		'events { worker_connections 4096; }',
		'http {',
		...temporary.map((kind) => `${kind}_temp_path ${join(directory, kind)};`),
		`include ${join(directory, 'likewire.conf')};`,
		'}',
		'',
	].join('\n');
}

/** Starts nginx in front of frontends. Rejects when it is not installed or does not serve. */
export function startNginx(options: BalancerOptions): Promise<Balancer> {
	return startBalancer(
		{
			program: 'nginx',
			debianPackage: 'nginx-light',
			logFile: ACCESS_LOG,
			configure(directory, port) {
				const main = join(directory, 'nginx.conf');
				writeFileSync(main, mainConfig(directory));
				writeFileSync(
					join(directory, 'likewire.conf'),
					nginxConfig(options.frontends, port, join(directory, ACCESS_LOG)),
				);
				return ['-p', directory, '-e', 'stderr', '-c', main];
			},
		},
		options,
	);
}
