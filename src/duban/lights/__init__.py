"""三盏灯: what a matter's facts earn by its policy and the calendar, why, since when, and when it will change."""
