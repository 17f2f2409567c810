import { createApp } from 'vue';
import Stage from './stage.vue';

createApp(Stage, { id: 'my-video' }).mount('#app');
