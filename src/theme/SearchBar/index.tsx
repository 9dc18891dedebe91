export {default} from '@site/src/site/Search';
