import { join, relative } from 'node:path';
import { Application } from 'typedoc';
import { entriesOf } from './api-report.ts';
import { ROOT } from './packed-packages.ts';

/** Git ignores it, as each folder of this name. */
const SITE = join(ROOT, 'docs/dist');

const entries = ['protocol', 'sdk', 'server'].flatMap((name) => entriesOf(join(ROOT, name)));
const app = await Application.bootstrap({
	name: 'Likewire',
	entryPoints: entries.map(({ types }) => types),
	tsconfig: join(ROOT, 'scripts/api-site.tsconfig.json'),
	readme: 'none',
	// Git has no built types to link to.
	disableSources: true,
	highlightLanguages: ['html', 'js', 'jsx', 'sh', 'ts', 'tsx'],
});

/** Returns the name that TypeDoc gives to the module of a file, from the folder that all entries have in common. */
const moduleNameOf = (file: string) => relative(ROOT, file).replace(/(\/index)?\.d\.ts$/, '');

const project = await app.convert();
if (project !== undefined) {
	const names = new Map(entries.map(({ name, types }) => [moduleNameOf(types), name]));
	for (const module of project.children ?? []) {
		const name = names.get(module.name);
		if (name === undefined) app.logger.warn(`The module ${module.name} belongs to no entry of a package.`);
		else module.name = name;
	}
	app.validate(project);
	await app.generateDocs(project, SITE);
}
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
