import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Matches references of a page to files of the project: `src="./page.ts"`, `href="./page.css"`, `poster="./stage.webp"`. */
const REFERENCE = /\b(src|href|poster)="\.\/([^"]+)"/g;

/**
 * Bundles HTML pages with their styles and files. Each file gets a name with the hash of its content, so that browsers can
 * cache it forever, and the page refers to this name. A reference to a missing file fails the build.
 */
export function pages({ pagesDir, stylesDir, assetsDir, base = '/' }) {
	const files = new Map();

	function emit(plugin, name, source) {
		files.set(name, plugin.emitFile({ type: 'asset', name, source }));
	}

	async function bundleStyles(file) {
		const result = await build({
			entryPoints: [file],
			bundle: true,
			minify: true,
			write: false,
			target: ['chrome110', 'firefox115', 'safari16'],
		});
		return result.outputFiles[0].contents;
	}

	return {
		name: 'pages',
		async buildStart() {
			files.clear();
			for (const directory of [pagesDir, stylesDir, assetsDir]) {
				for (const name of await readdir(directory)) this.addWatchFile(join(directory, name));
			}
			for (const name of await readdir(assetsDir)) emit(this, name, await readFile(join(assetsDir, name)));
			for (const name of await readdir(pagesDir)) {
				const style = `${basename(name, '.html')}.css`;
				emit(this, style, await bundleStyles(join(stylesDir, style)));
			}
		},
		async generateBundle(_, bundle) {
			const scripts = new Map();
			for (const chunk of Object.values(bundle)) {
				if (chunk.type === 'chunk' && chunk.isEntry) scripts.set(`${chunk.name}.ts`, chunk);
			}
			for (const page of await readdir(pagesDir)) {
				const html = await readFile(join(pagesDir, page), 'utf8');
				const source = html.replace(REFERENCE, (_, attribute, name) => {
					const file = scripts.get(name)?.fileName ?? (files.has(name) && this.getFileName(files.get(name)));
					if (!file) this.error(`${page} refers to ./${name}, which is neither an entry nor an asset`);
					return `${attribute}="${base}${file}"`;
				});
				// Without a preload the browser requests the shared chunk only after the entry has arrived.
				const preloads = [...scripts.values()]
					.filter((chunk) => source.includes(`${base}${chunk.fileName}`))
					.flatMap((chunk) => chunk.imports)
					.map((file) => `<link rel="modulepreload" href="${base}${file}">`);
				this.emitFile({
					type: 'asset',
					fileName: page,
					source: source.replace('</head>', `\t${preloads.join('')}\n</head>`),
				});
			}
		},
	};
}
