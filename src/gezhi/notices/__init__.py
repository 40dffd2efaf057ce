"""Words that go out: notices on the desk, mail, short messages, chat groups; made from the book."""
