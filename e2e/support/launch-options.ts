import { existsSync } from 'node:fs';

/** An installed Chromium. Without one Playwright uses its own; `npm test` finds or installs one. */
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium'].find((file) => file && existsSync(file));

/** The options with which tests launch Chromium. */
export const LAUNCH_OPTIONS = {
	...(executablePath && { executablePath }),
	// CI runs as root, for which Chromium has no sandbox. Background requests of the browser would look like those of the page.
	args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
};
