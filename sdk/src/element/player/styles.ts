/** The styles of the player. */
export const STYLES = `
[part=stage] { position: relative; overflow: hidden; background: #000; border-radius: var(--_radius); touch-action: manipulation; }
video { display: block; width: 100%; aspect-ratio: var(--likewire-aspect-ratio, 16 / 9); object-fit: contain; }
likewire-hearts { position: absolute; inset: 0; }
[part=fullscreen] {
	position: absolute;
	inset-block-start: 8px;
	inset-inline-end: 8px;
	width: 44px;
	height: 44px;
	padding: 10px;
	border: 0;
	border-radius: 50%;
	background: rgb(0 0 0 / 60%);
	color: #fff;
}
[part=fullscreen]:focus-visible { outline-color: #fff; box-shadow: 0 0 0 6px #000; }
svg { display: block; width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 2; }
::slotted(*) { margin-block-start: 8px; }
:host(:fullscreen), :host([expanded]) {
	display: flex;
	flex-direction: column;
	overflow: auto;
	background: #000;
	color-scheme: dark;
}
:host([expanded]) { position: fixed; inset: 0; z-index: 2147483647; }
:host(:fullscreen) [part=stage], :host([expanded]) [part=stage] { flex: 1; min-height: 0; border-radius: 0; }
:host(:fullscreen) video, :host([expanded]) video { height: 100%; aspect-ratio: auto; }
`;
