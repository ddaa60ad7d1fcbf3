"""消息与发送: what people must be told, in the system and outside it, each once."""
