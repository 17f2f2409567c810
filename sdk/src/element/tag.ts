import { setDefaultGateway } from './index.ts';

export * from './index.ts';

// A page with the one tag `<script type="module" src="https://live.example.com/element.js">` names the gateway there.
setDefaultGateway(new URL('.', import.meta.url).href.replace(/\/$/, ''));
