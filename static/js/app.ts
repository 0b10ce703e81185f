// The scripts of every page. Each class is one behaviour, hung on the elements
// that have its data- attribute.
import { Editor } from './editor';

for (const root of document.querySelectorAll<HTMLElement>('[data-editor]')) new Editor(root);
