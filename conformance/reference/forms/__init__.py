"""Forms on the wire: dates, JSON and XML, what a client asks for, and how the supplier says no."""
