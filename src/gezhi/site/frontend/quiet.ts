// What a page asks for by itself is no use of it: who left the desk is signed out all the same.
export const QUIET = "X-Gezhi-Quiet";
