import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { unpackedTarballs } from './tarballs.ts';

const require = createRequire(import.meta.url);
const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Returns the folder of a dependency of a workspace. */
const folder = (workspace: string, name: string) =>
	dirname(createRequire(source(`../../${workspace}/package.json`)).resolve(`${name}/package.json`));

/** The supported versions of React, with the folders of their packages. */
export const REACTS = {
	18: { react: folder('e2e', 'react-18'), 'react-dom': folder('e2e', 'react-dom-18') },
	19: { react: folder('sdk', 'react'), 'react-dom': folder('sdk', 'react-dom') },
} as const;

/** Resolves our packages to their tarballs, by their exports. */
const packedPackages: Plugin = {
	name: 'packed-packages',
	setup({ onResolve, resolve }) {
		onResolve({ filter: /^@likewire\// }, ({ path, kind, pluginData }) =>
			pluginData === packedPackages
				? undefined
				: resolve(path, { kind, resolveDir: unpackedTarballs(), pluginData: packedPackages }),
		);
	},
};

async function bundle(entry: string, version: keyof typeof REACTS, platform: 'browser' | 'node'): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: [source(`../react-app/${entry}`)],
		bundle: true,
		write: false,
		platform,
		format: platform === 'node' ? 'cjs' : 'esm',
		jsx: 'automatic',
		// The tsconfig of the repository would resolve our packages to their sources.
		tsconfigRaw: {},
		// Strict Mode runs effects twice only in a development build.
		define: { 'process.env.NODE_ENV': '"development"' },
		alias: { ...REACTS[version] },
		plugins: [packedPackages],
	});
	return outputFiles[0]?.text ?? '';
}

const bundles = new Map<keyof typeof REACTS, Promise<[browser: string, server: string]>>();

/** Bundles the app once for each version and process. */
function bundlesOf(version: keyof typeof REACTS): Promise<[browser: string, server: string]> {
	const known = bundles.get(version);
	if (known !== undefined) return known;
	const made = Promise.all([bundle('browser.tsx', version, 'browser'), bundle('server.tsx', version, 'node')]);
	bundles.set(version, made);
	return made;
}

/** A site with one page that the server renders and the browser hydrates. */
export interface ReactPage {
	readonly url: string;
	close(): void;
}

export async function serveReactPage(
	version: keyof typeof REACTS,
	props: { readonly url: string; readonly first: string; readonly second: string },
): Promise<ReactPage> {
	const [script, rendering] = await bundlesOf(version);
	const module = { exports: {} as { render(page: typeof props): string } };
	new Function('module', 'exports', 'require', rendering)(module, module.exports, require);
	const root = JSON.stringify(props).replaceAll('"', '&quot;');
	const html = `<!doctype html><title>React ${version}</title><body data-root="${root}"><main>${module.exports.render(props)}</main><script type="module" src="/app.js"></script>`;
	const server = createServer(({ url }, response) => {
		const isScript = url === '/app.js';
		response.writeHead(url === '/favicon.ico' ? 404 : 200, {
			'Content-Type': isScript ? 'text/javascript' : 'text/html',
		});
		response.end(isScript ? script : html);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close() {
			server.closeAllConnections();
			server.close();
		},
	};
}
