/** The styles that all elements have in common. Pages change the variables. */
export const SHARED_STYLES = `
:host {
	--_ink: var(--likewire-ink, #14151d);
	--_muted: var(--likewire-muted, #5d6275);
	--_surface: var(--likewire-surface, #fff);
	--_line: var(--likewire-line, #e1e3eb);
	--_accent: var(--likewire-accent, #d9184a);
	--_on-accent: var(--likewire-on-accent, #fff);
	--_radius: var(--likewire-radius, 14px);
	display: block;
	min-width: 0;
	font-family: var(--likewire-font, system-ui, sans-serif);
	color: var(--_ink);
}
@media (prefers-color-scheme: dark) {
	:host {
		--_ink: var(--likewire-ink, #f1f2f7);
		--_muted: var(--likewire-muted, #9ba1b6);
		--_surface: var(--likewire-surface, #161824);
		--_line: var(--likewire-line, #272b3c);
		--_accent: var(--likewire-accent, #ff5277);
		--_on-accent: var(--likewire-on-accent, #23040d);
	}
}
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; touch-action: manipulation; -webkit-tap-highlight-color: transparent; }
[aria-disabled=true] { cursor: default; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
