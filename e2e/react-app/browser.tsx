import { hydrateRoot } from 'react-dom/client';
import { App, kept, likes, renders } from './app.tsx';

const { root } = document.body.dataset;
Object.assign(window, { renders, likes, kept });
hydrateRoot(document.querySelector('main') as Element, <App {...JSON.parse(root as string)} />);
